import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { guarded } from '../../webhook/cluster/guarded.ts'
import { all, destinationRule, route, service } from '../../webhook/cluster/manifests.ts'
import { deployment } from '../../webhook/cluster/scene.ts'
import { ensureAssets, givenAsset } from '../assets.ts'
import { clusterTests } from '../cluster-test.ts'
import type { Cluster } from '../cluster.ts'
import { isForKept, KeptKubectl } from './kept-kubectl.ts'
import { runProgram, type Outcome, type RunOptions } from './run.ts'

const real = clusterTests()

const canary = all(service, deployment('v1'), deployment('v2'), destinationRule(['v1', 'v2']), route(90, 10))
const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: ${data} }\n`

/** One command: its words, its input, and a pattern of what it is here for, so that both are not empty or wrong in the same way. */
type Row = readonly [words: string, shown: RegExp, stdin?: string]

const rows: readonly Row[] = [
  ['apply -f -', /service\/catalog created\n.*\n.*\n.*\nvirtualservice.*\/catalog created/, canary],
  ['apply -f -', /virtualservice.*\/catalog unchanged/, canary],
  ['apply -f -', /virtualservice.*\/catalog configured/, route(80, 20)],
  [
    'apply -f -',
    /deployment.apps\/catalog-v1 configured/,
    deployment('v1', 'app: catalog, version: v1, team: shop'),
  ],
  ['apply -f -', /admission webhook .* denied the request/, route(90, 20)],
  ['apply -f -', /configmap\/c created\n[^]*denied the request/, all(configMap('x'), route(90, 20))],
  ['apply -f -', /configmap\/c configured/, configMap('u')],
  ['apply --dry-run=client -o yaml -f -', /^ {2}a: z$/m, configMap('z')],
  ['apply --dry-run=server -f -', /\(server dry run\)/, configMap('z')],
  ['apply --server-side --field-manager=other -f -', /conflict/, configMap('z')],
  ['apply --server-side --force-conflicts -f -', /serverside-applied/, configMap('z')],
  ['apply -f -', /Warning: .*deprecated/, 'apiVersion: v1\nkind: Endpoints\nmetadata: { name: e }\n'],
  ['apply -f -', /Warning: .*deprecated/, 'apiVersion: v1\nkind: Endpoints\nmetadata: { name: e }\n'],
  ['get endpoints -o name', /Warning: .*deprecated/],
  ['get endpoints e --warnings-as-errors', /1 warning received/],
  [
    'apply -f -',
    /no matches for kind "Nothing"/,
    'apiVersion: x.y/v1\nkind: Nothing\nmetadata: { name: nothing }\n',
  ],
  ['apply -f -', /error parsing STDIN/, 'a: [1\n'],
  ['apply -f -', /strict decoding error: unknown field "dta"/, configMap('x').replace('\ndata', '\ndta')],
  ['apply -f -', /no objects passed to apply/],
  ['apply', /must specify one of -f and -k/],
  ['apply view-last-applied configmap c', /^ {2}a: /m],
  ['apply -f /nowhere.yaml', /does not exist/],
  ['get virtualservice catalog -o json', /"kind": "VirtualService"/],
  ['get all,virtualservices -o name', /deployment.apps\/catalog-v1[^]*virtualservice/],
  ['get deployments -o wide', /CONTAINERS/],
  ['get deployments -o jsonpath={.items[*].metadata.name}', /catalog-v1 catalog-v2/],
  ['get deployments -o custom-columns=A:.metadata.name --no-headers', /^catalog-v1$/m],
  ['get virtualservice nothing', /Error from server \(NotFound\)/],
  ['get nothing', /doesn't have a resource type "nothing"/],
  ['get', /You must specify the type of resource/],
  ['get --nothing', /unknown flag: --nothing/],
  ['get --help', /^Usage:/m],
  ['get pods', /No resources found in NAMESPACE namespace/],
  ['get --raw /openapi/v3/apis/apps/v1', /StatefulSet/],
  ['get deployments --as=nobody', /Error from server \(Forbidden\)/],
  ['get deployments --server=http://127.0.0.1:1', /connection .* refused/],
  [
    'patch virtualservice catalog --type=json -p [{"op":"remove","path":"/spec/hosts/7"}]',
    /The request is invalid/,
  ],
  ['patch deployment catalog-v2 -p {"spec":{"replicas":0}}', /patched/],
  ['patch deployment catalog-v2 -p {', /unable to parse|unexpected/],
  ['scale deployment catalog-v2 --replicas=2', /scaled/],
  ['set image deployment/catalog-v2 c=d', /image updated/],
  ['annotate virtualservice catalog a=b', /annotated/],
  ['annotate virtualservice catalog a=c', /--overwrite is false/],
  ['label service catalog a=b', /labeled/],
  ['diff -f -', /^$/, configMap('z')],
  ['diff -f -', /^[+-] {2}a: /m, configMap('w')],
  ['diff -f -', /error parsing STDIN/, 'a: [1\n'],
  ['create configmap made --from-literal=a=b', /configmap\/made created/],
  ['create configmap made --from-literal=a=b', /already exists/],
  ['create nothing', /Unexpected args/],
  ['replace -f -', /replaced/, configMap('r')],
  ['describe virtualservice catalog', /API Version/],
  ['explain virtualservice.spec.hosts', /FIELD: hosts/],
  ['api-resources --api-group=networking.istio.io -o name', /virtualservices.networking.istio.io/],
  ['version -o json', /v1\.36/],
  ['kustomize folder', /name: kustomized/],
  ['kustomize nowhere', /must build at directory/],
  ['apply -k folder', /configmap\/kustomized created/],
  ['delete destinationrule catalog', /denied the request/],
  ['delete configmap nothing --ignore-not-found', /^$/],
  ['delete configmap nothing', /NotFound/],
  ['delete -f -', /configmap "c" deleted/, configMap('r')],
]

interface Ways {
  readonly namespace: string
  readonly run: (words: readonly string[], options: RunOptions) => Promise<Outcome>
}

/** What differs from one run to the next is left out. */
const steady = ({ code, stdout, stderr }: Outcome, namespace: string): Outcome => {
  const plain = (text: string): string =>
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, 'UID')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \S+/g, 'TIME')
      .replaceAll(/(resourceVersion"?: |Resource Version: +)"?\d+"?/g, '$1VERSION')
      .replaceAll(/\b10\.0\.0\.\d+\b/g, 'ADDRESS')
      .replaceAll(/(LIVE|MERGED)-\d+/g, '$1')
      .replaceAll(/ +\d+m?s\b/g, ' AGE')
      .replaceAll(/^([EIW])\d{4} \S+ +\d+ /gm, '$1 ')
  return { code, stdout: plain(stdout), stderr: plain(stderr) }
}

async function both(
  cluster: Cluster,
  context: TestContext,
): Promise<{ kept: Ways; started: Ways; cwd: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-kept-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'folder/kustomization.yaml'), 'resources: [c.yaml]\n')
  await writeFile(join(folder, 'folder/c.yaml'), configMap('k').replace('name: c', 'name: kustomized'))
  // A home each, so that neither finds what the other has learned of the kinds.
  const homeOf = (name: string) => ({ folder: join(folder, name), kubeconfig: cluster.kubeconfig })
  const kubectl = new KeptKubectl(homeOf('kept'))
  context.after(() => kubectl.stop())
  const path = (await ensureAssets(['kubectl'])).kubectl
  return {
    kept: {
      namespace: await cluster.namespace(),
      run: async (words, options) => {
        const outcome = await kubectl.run(words, options)
        assert.ok(outcome, `not kept: ${words.join(' ')}`)
        return outcome
      },
    },
    started: {
      namespace: await cluster.namespace(),
      run: (words, options) => runProgram(path, words, { ...homeOf('started'), ...options }),
    },
    cwd: folder,
  }
}

/** Runs the commands both ways, each way in a namespace of its own, and compares how they end. */
async function compare(ways: Awaited<ReturnType<typeof both>>, compared: readonly Row[]): Promise<void> {
  for (const [words, shown, stdin = ''] of compared) {
    const [kept, started] = [ways.kept, ways.started].map(async ({ namespace, run }) =>
      steady(await run([...words.split(' '), '-n', namespace], { stdin, cwd: ways.cwd }), namespace),
    )
    const outcome = await started!
    assert.deepEqual(await kept, outcome, words)
    assert.match(outcome.stdout + outcome.stderr, shown, words)
  }
}

const isOurs = async (): Promise<boolean> => (await givenAsset('kubectl')) === undefined

real('commands print in a kept process what kubectl prints, and end as it does', async (cluster, context) => {
  if (!(await isOurs())) return context.skip('KUBEBUILDER_ASSETS has another kubectl')
  await using _guard = await guarded(cluster, { rules: guardedRules })
  await compare(await both(cluster, context), rows)
})

const crd = 'httproutes.gateway.networking.k8s.io'
const httpRoute = (host: string): string =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: h }\nspec: { hostnames: [${host}] }\n`

real('kinds that are added and removed are seen as kubectl sees them', async (cluster, context) => {
  if (!(await isOurs())) return context.skip('KUBEBUILDER_ASSETS has another kubectl')
  const ways = await both(cluster, context)
  await compare(ways, [
    ['apply -f -', /virtualservice.*created/, route(90, 10)],
    ['get httproutes', /doesn't have a resource type "httproutes"/],
    ['apply -f -', /no matches for kind "HTTPRoute"/, httpRoute('a.example')],
  ])
  await cluster.addCrds('gateway-api')
  await compare(ways, [
    ['apply -f -', /httproute.*created/, httpRoute('a.example')],
    ['apply -f -', /httproute.*configured/, httpRoute('b.example')],
    ['apply -f -', /spec.hostnames/, httpRoute('B')],
    ['get httproutes', /b\.example/],
    ['explain httproute.spec.hostnames', /FIELD: hostnames/],
  ])
  assert.equal((await cluster.kubectl(['delete', 'crd', crd])).code, 0)
  await compare(ways, [
    ['get httproutes', /could not find the requested resource|doesn't have a resource type/],
    ['apply -f -', /virtualservice.*configured/, route(80, 20)],
  ])
})

real('a command that waits does not keep others from what it waits for', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(route(90, 10, { metadata: 'finalizers: [example.com/hold]' }), { namespace })
  const deletion = cluster.kubectl(['delete', 'virtualservice', 'catalog', '-n', namespace])
  const patch = ['--type=merge', '-p', '{"metadata":{"finalizers":null}}']
  const patched = await cluster.kubectl(['patch', 'virtualservice', 'catalog', '-n', namespace, ...patch])
  assert.equal(patched.code, 0, patched.stderr)
  assert.match((await deletion).stdout, /deleted/)
})

real('many commands at once end as each by itself', async cluster => {
  const namespace = await cluster.namespace()
  const names = Array.from({ length: 8 }, (_, i) => `c${i}`)
  const ended = await Promise.all(
    names.map(name => cluster.kubectl(['create', 'configmap', name, '-n', namespace, '-o', 'name'])),
  )
  assert.deepEqual(
    ended,
    names.map(name => ({ code: 0, stdout: `configmap/${name}\n`, stderr: '' })),
  )
})

test('what waits, asks a person, runs a plugin or changes the log is started by itself', () => {
  const others = [
    'wait --for=delete pod/a',
    'rollout status deployment/a',
    'get pods -w',
    'get pods --watch=true',
    'get pods -v=6',
    'delete pods --all --interactive',
    'auth can-i get pods',
    'canary status',
    'edit service a',
    '-n shop logs a',
  ]
  assert.deepEqual(
    others.filter(words => isForKept(words.split(' '))),
    [],
  )
  assert.ok(isForKept(['-n', 'shop', 'get', 'pods', '-o', 'wide', '--validate=strict']))
})
