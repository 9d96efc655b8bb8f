import type { Place } from './examples-world.ts'

/** What an example of a help comes to. */
export interface Expected {
  /** What it prints on either stream. */
  readonly says: RegExp
  /** 0 when left out. */
  readonly code?: number
  /** The catalog with its routes when left out. */
  readonly place?: Place
  /** Commands that make what the example is about. */
  readonly before?: readonly string[]
}

/** Where another test runs an example, or why none can. */
export type Elsewhere = string

const underWay = 'in the test of a run that is under way'
const ofRollout = 'in the test of a Rollout'
const back = ['promote catalog v1']
const again = ['abort catalog --stable v1']

/** By the line of the help, without `kubectl canary`. */
export const expected: Readonly<Record<string, Expected | RegExp | Elsewhere>> = {
  'init catalog --stable v1': { place: 'without routes', says: /→ v1\n.*destinationrule.*created/ },
  'init catalog --stable v1 --gateway catalog-gateway --host catalog.example.com': {
    place: 'without routes',
    says: /virtualservice.*catalog-gateway.* created/,
  },
  'init catalog --stable v1 --preview v2': {
    place: 'without routes',
    says: /cohort preview \(x-istio-cohort: preview\) → v2; everyone else → v1/,
  },
  'init catalog --stable v1 --preview v2 --gateway catalog-gateway --preview-host next.example.com': {
    place: 'without routes',
    says: /virtualservice.*catalog-preview.* created/,
  },
  'init catalog --stable v1 --mesh': { place: 'at a gateway', says: /virtualservice.*catalog created/ },

  'cohort internal --to v2': /cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1/,
  'cohort internal catalog --to v2': { place: 'beside a checkout', says: /catalog: cohort internal .* → v2/ },
  'cohort internal --to v2 --service catalog,checkout': {
    place: 'beside a checkout',
    says: /checkout: cohort internal .* → v2/,
  },
  'cohort beta --to v2 --cookie beta=yes --until 2d --reason "beta of the new search"':
    /cohort beta \(cookie beta=yes\) → v2/,
  'cohort early --to v2 --bucket 5% --by x-user-id': /cohort early \(5 % of x-user-id\) → v2/,
  'cohort staff --to v2 --claim group=internal': /cohort staff \(claim group=internal\) → v2/,
  'cohort vip --to v1 --header x-tier=gold --before internal':
    /cohort vip \(x-tier: gold\) → v1; cohort internal/,
  'cohort internal --remove': /cohort vip .* → v1; cohort beta/,

  'weight v2=10': /everyone → v1 90 %, v2 10 %/,
  'weight catalog v2=10': { place: 'beside a checkout', says: /everyone → v1 90 %, v2 10 %/ },
  'weight v2=10 v3=5': /everyone → v1 85 %, v2 10 %, v3 5 %/,
  'weight v2=10 --sticky': /keep their version/,
  'weight v2=10 -f catalog/': /everyone → v1 90 %, v2 10 %\n.* configured in /,

  'mirror v2=25': /25 % mirrored to v2/,
  'mirror catalog v2=25': { place: 'beside a checkout', says: /25 % mirrored to v2/ },
  'mirror v2=25 v3=0.5': /25 % mirrored to v2.*0\.5 % mirrored to v3/,
  'mirror v3=0': /The mirror to v3 is removed/,
  'mirror --off': /The mirror to v2 is removed/,
  'mirror v2=25 -f catalog/': /25 % mirrored to v2\n.* configured in /,

  'promote v2': { before: ['weight v2=10'], says: /everyone → v2/ },
  'promote catalog v2': {
    place: 'beside a checkout',
    before: ['weight catalog v2=10'],
    says: /everyone → v2/,
  },
  'promote catalog --step': ofRollout,
  'promote catalog --full': ofRollout,
  abort: { before: ['weight v2=10'], says: /everyone → v1/ },
  'abort catalog': {
    before: ['weight v2=10', 'cohort internal --to v2'],
    says: /Cohort internal to v2 is removed/,
  },

  'undo catalog': { before: ['weight v2=10', 'weight v2=20'], says: /everyone → v1 90 %, v2 10 %/ },
  'undo catalog --to-revision 3': {
    before: ['weight v2=30', 'weight v2=40'],
    says: /everyone → v1 90 %, v2 10 %/,
  },
  'history catalog': { before: ['weight v2=10'], says: /REVISION[^]*\n1 / },
  'history catalog --revision 3': {
    before: ['weight v2=20', 'weight v2=30'],
    says: /Revision: +3[^]*^[+-]/m,
  },
  'history -A': /NAMESPACE +SERVICE +REVISION/,

  'cleanup catalog': {
    before: ['weight v2=10', 'promote v2'],
    says: /catalog-v1 is scaled from 1 to 0[^]*nothing was changed; to apply this: .* --yes/,
  },
  'cleanup catalog --yes': /destinationrule.*\n.*deployment.*catalog-v1 configured/,
  'cleanup catalog --yes --delete-workloads': /catalog-v1 deleted/,

  list: { before: ['weight v2=10'], says: /catalog +v1 +v1=90,v2=10/ },
  'list -A': /NAMESPACE +SERVICE[^]*catalog +v1 +v1=90,v2=10/,
  'list -A -o wide': /MIRRORS +READY[^]*v1=1\/1/,
  status: /catalog in namespace/,
  'status -A -o wide': /virtualservice\.networking\.istio\.io\/catalog -n /,
  'status catalog -w': /catalog in namespace/,
  'status catalog -o wide --prometheus http://localhost:9090': /RPS/,
  'status catalog -o svg': /^<svg[^]*<\/svg>/,

  'doctor catalog': /Service \S+\/catalog: ready/,
  'doctor -n shop': /SERVICE +PASS/,
  'doctor -A -o markdown': /^# Ready for a canary\?/,
  'doctor -f k8s/ -o sarif': /sarif-2\.1\.0/,

  "try http://catalog/items -H 'x-istio-cohort: internal'": {
    before: ['cohort internal --to v2'],
    says: /v2 +100 %[^]*for cohort internal/,
  },
  'try catalog/items --from deploy/webapp -n 1000': /1000 requests, simulated/,
  'try https://shop.example.com/ --via istio-ingress/public': /v1 +100 %[^]*catalog-public/,
  "try http://catalog/items --with 'weight v2=10' --diff": /after +v1 90 %, v2 10 %/,
  "try http://catalog/items -H 'x-istio-cohort: internal' --expect v2": /v2 +100 %/,
  'try http://catalog/ -f k8s/ --with-cluster --diff': /before[^]*after/,
  'try http://catalog/ --live --address 127.0.0.1:8080 --version-header x-version': /requests to 127/,
  'try --table routing-tests.yaml -o junit': /<testsuite /,

  cohorts: { before: ['cohort internal --to v2'], says: /catalog +internal +v2/ },
  'cohorts -A -o wide': /REASON\n/,
  'cohorts catalog -f k8s/': /No cohorts found/,
  'cohorts -A --expired': /No expired cohorts found/,
  'cohorts -A --expired --remove --dry-run=client': /No cohort is expired/,

  'lint k8s/': /lint: no findings/,
  'lint - --complete': /lint: no findings/,
  'lint k8s/ --with-cluster': /lint: no findings/,
  'lint -A -o sarif': /sarif-2\.1\.0/,
  rules: /weights-sum-to-100/,
  'rules explain weights-sum-to-100': /add up to 100/,

  'run catalog v2 --step 10 --max 50 --interval 45s --threshold 5': /v2 was promoted/,
  'run catalog v2 --steps 1,5,10,25,50 --metric request-success-rate:min=99:1m --metric request-duration:max=500:30s':
    { before: back, says: /v2 was promoted/ },
  'run catalog v2 --mirror 25% --promote confirm': {
    before: back,
    code: 4,
    says: /to promote it: kubectl canary promote catalog v2/,
  },
  'run catalog v2 --source-label app=webapp': { before: again, says: /v2 was promoted/ },
  'run catalog v2 --at-once': { before: back, says: /v2 was promoted/ },
  'run catalog v2 --plan canary.yaml --report report.md': { before: back, says: /v2 was promoted/ },
  'run catalog v2 --from-canary catalog-release': 'test/controllers/scenario-cluster.test.ts',
  'run catalog v2 --simulate errors=2': { before: back, code: 5, says: /rolled back/ },
  'run catalog v2 --as-job --image IMAGE': /kind: Job/,
  'run catalog --resume': underWay,
  'pause catalog --reason "looking at the logs"': underWay,
  'resume catalog': underWay,
  'wait catalog --for promoted --timeout 30m': underWay,
  'retry catalog': ofRollout,

  demo: /15 of 15/,
  'demo --dir /tmp/canary': 'the same, in another folder',
  'demo --live': 'test/demo/live-cluster.test.ts',
  'demo --clean': 'test/demo/live-cluster.test.ts',
  'completion --install': /\.bashrc created/,
  'completion --install zsh --dry-run=client': /\.zshrc created \(dry run\)/,
  'completion bash': /complete /,
  'completion fish': /complete /,
}
