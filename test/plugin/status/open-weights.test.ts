import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const versions = ['v1', 'v2']

/** A Service and a Deployment of two versions; with `apart` a Service for each of them. */
const workloads = (apart: boolean): readonly string[] => [
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}',
  ...versions.map(
    v =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-${v}}\nspec: {selector: {matchLabels: {app: web, version: ${v}}}, template: {metadata: {labels: {app: web, version: ${v}}}}}`,
  ),
  ...(apart ? versions : []).map(
    v =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web-${v}}\nspec: {selector: {app: web, version: ${v}}, ports: [{name: http, port: 80}]}`,
  ),
]

const routes: Readonly<Record<string, readonly string[]>> = {
  VirtualService: [
    `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route:
    - {destination: {host: web, subset: v1}, weight: "\${STABLE}"}
    - {destination: {host: web, subset: v2}, weight: "\${CANARY}"}`,
    ...workloads(false),
  ],
  HTTPRoute: [
    `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web}
spec:
  parentRefs: [{group: "", kind: Service, name: web}]
  rules:
  - backendRefs:
    - {name: web-v1, port: 80, weight: "\${STABLE}"}
    - {name: web-v2, port: 80, weight: "\${CANARY}"}`,
    ...workloads(true),
  ],
  ApisixRoute: [
    `apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: web}
spec:
  http:
  - name: all
    match: {paths: ["/*"]}
    backends:
    - {serviceName: web-v1, servicePort: 80, weight: "\${STABLE}"}
    - {serviceName: web-v2, servicePort: 80, weight: "\${CANARY}"}`,
    ...workloads(true),
  ],
}

for (const [kind, objects] of Object.entries(routes)) {
  test(`weights of a ${kind} that are still to be filled in are not shown as 0`, async () => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', objects.join('\n---\n'))
    const status = await folder.run('status web')
    assert.match(status.stdout, /^ {2}v1 .* \? {2,}-/m)
    assert.match(status.stdout, /everyone.* → cannot tell: "\$\{STABLE\}" is not a number$/m)
    assert.doesNotMatch(status.stdout, / %/)
    const list = await folder.run('list')
    assert.match(list.stdout, /^web +- +\? /m)
    const picture = await folder.run('status web -o dot')
    assert.match(picture.stdout, /cannot tell: /)
    const caller = kind === 'ApisixRoute' ? ' --via apisix' : ''
    const tried = await folder.run(`try http://web/${caller}`)
    assert.match(tried.stdout, /^→ cannot tell: "\$\{STABLE\}" is not a number$/m)
    const data = await folder.run(`try http://web/ -o json${caller}`)
    const [trial] = (JSON.parse(data.stdout) as { trials: object[] }).trials
    assert.partialDeepStrictEqual(trial, { unknownWeight: '${STABLE}', shares: [] })
  })

  for (const line of ['weight web v2=10', 'abort web', 'promote web v2', 'cohort beta --to v2 --service web'])
    test(`of a ${kind} with such weights no answer is asked that would then be refused: ${line}`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', objects.join('\n---\n'))
      const before = folder.texts()
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 3, stderr)
      assert.match(stderr, new RegExp(`error: ${kind} .*has the placeholder \\$\\{STABLE\\} in spec\\.`))
      assert.doesNotMatch(stderr, /--stable/)
      assert.deepEqual(folder.texts(), before)
    })
}

test('a header that a filter of a HTTPRoute sets may be filled in later', async () => {
  using folder = new ManifestsFolder()
  const text = routes['HTTPRoute']!.join('\n---\n')
    .replace('"${STABLE}"', '90')
    .replace('"${CANARY}"', '10')
    .replace(
      '  - backendRefs:',
      '  - filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-build, value: "${BUILD}"}]}}]\n    backendRefs:',
    )
  folder.write('all.yaml', text)
  const { code, stderr } = await folder.run('weight web v2=20')
  assert.equal(code, 0, stderr)
  assert.match(folder.texts()['all.yaml']!, /value: "\$\{BUILD\}"[^]*weight: 80[^]*weight: 20/)
})
