import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '../plugin/memory-store.ts'
import { runCommand, words } from '../plugin/run-command.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'

const service =
  '{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}}'
const workload = (apiVersion: string, kind: string, labels = 'app: catalog'): string =>
  `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: catalog, namespace: shop}, spec: {replicas: 1, template: {metadata: {labels: {${labels}}}, spec: {containers: [{name: a}]}}}, status: {readyReplicas: 1}}`
const storeOf = (...documents: readonly string[]): MemoryStore =>
  new MemoryStore(objectsOf(documents.join('\n---\n')), { namespace: 'shop' })
const run = (store: MemoryStore, line: string) => runCommand(words(line), { store })

for (const [apiVersion, kind, type] of [
  ['apps/v1', 'Deployment', 'deployment'],
  ['apps/v1', 'StatefulSet', 'statefulset'],
  ['apps.kruise.io/v1alpha1', 'CloneSet', 'clonesets.apps.kruise.io'],
  ['apps.kruise.io/v1beta1', 'StatefulSet', 'statefulsets.apps.kruise.io'],
  ['apps.openshift.io/v1', 'DeploymentConfig', 'deploymentconfigs.apps.openshift.io'],
  ['v1', 'ReplicationController', 'replicationcontroller'],
] as const)
  test(`what runs without a version is to be labelled as the stable one, by its own resource: ${type}`, async () => {
    const { code, stderr } = await run(storeOf(service, workload(apiVersion, kind)), 'weight v2=25')
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(`kubectl patch ${type.replaceAll('.', '\\.')} catalog -n shop .*"version":"v1"`),
    )
    assert.doesNotMatch(stderr, /"version":"v2"/)
    assert.match(stderr, /this restarts them/)
    assert.match(stderr, /kubectl canary init catalog --stable v1 -n shop/)
    assert.match(stderr, /deploy v2 beside it/)
  })

test('a Service without workloads needs some with its labels and the version', async () => {
  const { code, stderr } = await run(storeOf(service), 'weight v2=25')
  assert.equal(code, 1)
  assert.match(stderr, /^ {2}Deploy workloads whose pods have the labels of the Service and version: v2\.$/m)
  assert.doesNotMatch(stderr, /-f is repeatable/)
})

test('the one workload is the stable version, and each of several is to be told apart', async () => {
  const one = await run(storeOf(service, workload('apps/v1', 'Deployment')), 'weight v2=25')
  assert.match(one.stderr, /pods that run now as the stable version, such as v1;/)
  assert.doesNotMatch(one.stderr, /each workload/)
  const sets = workload('apps/v1', 'StatefulSet').replace('name: catalog', 'name: catalog-v2')
  const { stderr } = await run(storeOf(service, workload('apps/v1', 'Deployment'), sets), 'weight v2=25')
  assert.match(stderr, /pods of each workload as the version that it is, such as these;/)
  assert.doesNotMatch(stderr, /the pods that run now/)
  assert.match(stderr, /patch deployment catalog -n shop .*"version":"v1"/)
  assert.match(stderr, /patch statefulset catalog-v2 -n shop .*"version":"v2"/)
})

test('init labels what runs as the version that it is told', async () => {
  const { stderr } = await run(storeOf(service, workload('apps/v1', 'Deployment')), 'init --stable v3')
  assert.match(stderr, /kubectl patch deployment catalog -n shop .*"version":"v3"/)
  assert.doesNotMatch(stderr, /kubectl canary init/)
})

const said = (name: string, version: string): string =>
  workload('apps/v1', 'Deployment', `app: catalog, app.kubernetes.io/version: "${version}"`).replace(
    'name: catalog',
    `name: ${name}`,
  )

test('what runs is labelled by its name where all workloads have one recommended label, that of a chart', async () => {
  const charted = storeOf(service, said('catalog-v1', '1.9'), said('catalog-next', '1.9'))
  const { stderr: byName } = await run(charted, 'init --stable v1')
  assert.match(byName, /deployment catalog-v1 -n shop .*"version":"v1"/)
  assert.match(byName, /deployment catalog-next -n shop .*"version":"next"/)
})

test('the recommended label makes subsets where it is the only one of a version, and tells the workloads apart', async () => {
  const store = storeOf(service, said('catalog-v1', '1.9'), said('catalog-next', '2.0'))
  const { code, stderr } = await run(store, 'init --stable 1.9')
  assert.equal(code, 0, stderr)
  const { stdout } = await run(store, 'weight 2.0=10')
  assert.match(stdout, /catalog: everyone → 1\.9 90 %, 2\.0 10 %/)
  const rule = store.objects.find(({ kind }) => kind === 'DestinationRule')
  assert.deepEqual(Reflect.get(Reflect.get(rule!, 'spec') as object, 'subsets'), [
    { name: '1-9', labels: { 'app.kubernetes.io/version': '1.9' } },
    { name: '2-0', labels: { 'app.kubernetes.io/version': '2.0' } },
  ])
  const { stderr: third } = await run(store, 'weight 3.0=10')
  assert.match(third, /pods are labelled app\.kubernetes\.io\/version: "3\.0" behind the Service/)
})

test('a label version of any workload goes before the recommended one', async () => {
  const other = workload('apps/v1', 'Deployment', 'app: catalog, version: v2').replace(
    'name: catalog',
    'name: catalog-v2',
  )
  const { code, stderr } = await run(storeOf(service, said('catalog-v1', '1.9'), other), 'init --stable 1.9')
  assert.equal(code, 1)
  assert.match(stderr, /It has v2\./)
})

test('in files, a label that YAML would read as a number is said in quotes', async () => {
  const objects = objectsOf([service, said('catalog', '1.9')].join('\n---\n'))
  const store = new MemoryStore(objects, { namespace: 'shop', live: false })
  const { stderr } = await run(store, 'weight catalog 2=10 -f shop')
  assert.match(stderr, /pods are labelled app\.kubernetes\.io\/version: "2" behind/)
  const named = new MemoryStore(objectsOf([service, workload('apps/v1', 'Deployment')].join('\n---\n')), {
    namespace: 'shop',
    live: false,
  })
  const { stderr: bare } = await run(named, 'init --stable 1.9 -f shop')
  assert.match(bare, /labels\.version: "1\.9" in Deployment/)
})

const rule = `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: shop}, spec: {host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}`
const route = `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: catalog, namespace: shop, annotations: {kubectl-canary/stable: v0}}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog, subset: v1}, weight: 90}, {destination: {host: catalog, subset: v2}, weight: 10}]}]}}`
const both = [
  workload('apps/v1', 'Deployment', 'app: catalog, version: v1'),
  workload('apps/v1', 'StatefulSet', 'app: catalog, version: v2'),
]

const elsewhere = (...documents: readonly string[]): MemoryStore =>
  new MemoryStore(objectsOf(documents.join('\n---\n')), { namespace: 'shop', live: false })

for (const [line, more] of [
  ['weight v2=20', ' --stable v1'],
  ['cohort qa --to v2', ' --stable v1'],
  ['mirror v2=10', ' --stable v1'],
  ['promote v2', ''],
  ['abort --stable v1', ''],
] as const)
  test(`files that have a route and not its subsets are not told to deploy a version: ${line}`, async () => {
    const split = route.replace('annotations: {kubectl-canary/stable: v0}', '')
    const { code, stderr } = await run(elsewhere(service, split), `${line} -f vs.yaml`)
    assert.equal(code, 1)
    assert.match(stderr, /[Nn]ame the files that have (its DestinationRule|these)/)
    assert.doesNotMatch(stderr, /Deploy workloads/)
    const whole = await run(elsewhere(service, split, rule), `${line}${more} -f vs.yaml -f dr.yaml`)
    assert.equal(whole.code, 0)
  })

test('a stable version that is recorded and gone is said, and each version is offered as a command that works', async () => {
  for (const line of ['abort', 'weight v2=20']) {
    const store = storeOf(service, ...both, rule, route)
    const { code, stderr } = await run(store, line)
    assert.equal(code, 2, stderr)
    assert.match(stderr, /kubectl-canary\/stable says v0, which is no version of catalog/)
    const [, offered] = /kubectl canary (.* --stable v1)$/m.exec(stderr) ?? []
    assert.equal((await run(store, offered!)).code, 0)
  }
})

test('without a mesh the Deployments behind the Service are to be labelled, and no subset is missing', async () => {
  const canary = workload('apps/v1', 'Deployment').replace('name: catalog', 'name: catalog-canary')
  const { code, stderr } = await run(
    storeOf(service, workload('apps/v1', 'Deployment'), canary),
    'weight canary=25 --provider deployment',
  )
  assert.equal(code, 1)
  assert.match(stderr, /patch deployment catalog -n shop .*"version":"v1"/)
  assert.match(stderr, /patch deployment catalog-canary -n shop .*"version":"canary"/)
  assert.doesNotMatch(stderr, /subset|Deploy workloads/)
})
