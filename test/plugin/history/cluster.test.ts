import assert from 'node:assert/strict'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { catalogWorld } from './catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'

type Metadata = KubeObject['metadata'] & { readonly managedFields?: unknown }

const real = clusterTests()

real(
  'a day of changes leaves a record each, and undo to before the first ends where it began',
  async cluster => {
    const world = await catalogWorld(cluster, { routed: false })
    const start = await world.state()
    for (const line of [
      'init catalog --stable v1',
      'cohort internal catalog --to v2 --reason staff',
      'weight catalog v2=10',
      'weight catalog v2=25',
      'promote catalog v2',
    ])
      await world.does(line)
    const { stdout } = await world.does('history catalog -o json')
    const { changes } = JSON.parse(stdout) as { readonly changes: readonly Record<string, unknown>[] }
    assert.deepEqual(
      changes.map(({ revision, title, by, stable, reason }) => [revision, title, by, stable, reason]),
      [
        [1, 'init catalog, stable v1', 'admin', 'v1', undefined],
        [2, 'cohort internal → v2', 'admin', 'v1', 'staff'],
        [3, 'weight v1=90,v2=10', 'admin', 'v1', undefined],
        [4, 'weight v1=75,v2=25', 'admin', 'v1', undefined],
        [5, 'promote v2', 'admin', 'v2', undefined],
      ],
    )
    await world.does('undo catalog --to-revision 0')
    assert.deepEqual(await world.state(), start)
    assert.equal((await world.records()).length, 6)
    const events = await cluster.kubectl(['describe', 'service', 'catalog', '-n', world.namespace])
    for (const title of ['cohort internal → v2', 'promote v2'])
      assert.ok(events.stdout.includes(title), title)
  },
)

real(
  'of more changes than the limit the oldest records go, and undo reaches as far as they do',
  async cluster => {
    const world = await catalogWorld(cluster)
    for (const share of [1, 2, 3, 4, 5]) await world.does(`weight catalog v2=${share} --history-limit 3`)
    assert.deepEqual(
      (await world.records()).map(({ metadata }) => metadata.name.split('.').at(-1)),
      ['3', '4', '5'],
    )
    const { code, stderr } = await world.canary('undo catalog --to-revision 1')
    assert.deepEqual(
      [code, /no revision 1: undo can restore revisions 2 to 5/.test(stderr)],
      [1, true],
      stderr,
    )
    await world.does('undo catalog --to-revision 2')
    assert.match(statusInWords((await world.does('status catalog')).stdout), /v1 98 %, v2 2 %/)
  },
)

real('-o prints an object as the API server has it after the edit, as kubectl does', async cluster => {
  const world = await catalogWorld(cluster)
  const held = async () => (await cluster.expect(world.path('virtualservices', 'catalog'))) as KubeObject
  for (const line of [
    'weight catalog v2=10',
    'weight catalog v2=10',
    'weight catalog v2=20 --dry-run=client',
    'abort catalog',
    'undo catalog',
  ]) {
    const before = await held()
    const { stdout } = await world.does(`${line} -o json`)
    const data = JSON.parse(stdout) as KubeObject & { readonly items?: readonly KubeObject[] }
    const printed = (data.items ?? [data]).find(
      ({ kind, metadata: { name } }) => kind === 'VirtualService' && name === 'catalog',
    )!
    const isDry = line.includes('dry-run')
    const { managedFields: _, ...shown } = (isDry ? before : await held()).metadata as Metadata
    assert.equal(printed.metadata.resourceVersion, shown.resourceVersion, line)
    if (!isDry) assert.deepEqual(printed.metadata, shown, line)
  }
})

real(
  'what others changed since stays where it is another route, and stops an undo where it is the same',
  async cluster => {
    const world = await catalogWorld(cluster)
    await world.does('weight catalog v2=10')
    const change = (spec: object) =>
      cluster.expect(world.path('virtualservices', 'catalog'), {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { spec },
      })
    const read = async () =>
      (await cluster.expect(world.path('virtualservices', 'catalog'))) as {
        readonly spec: { readonly http: readonly { readonly name?: string; readonly timeout?: string }[] }
      }
    const added = {
      name: 'by-hand',
      match: [{ uri: { prefix: '/x' } }],
      route: [{ destination: { host: 'catalog', subset: 'v1' } }],
    }
    await change({ http: [added, ...(await read()).spec.http] })
    const { stderr } = await world.does('undo catalog')
    assert.match(
      stderr,
      /VirtualService .*\/catalog was also changed outside of kubectl canary: those changes stay\./,
    )
    const { spec } = await read()
    assert.deepEqual([spec.http[0]?.name, spec.http.length], ['by-hand', 2])
    assert.match(statusInWords((await world.does('status catalog')).stdout), /v2 +1\/1 .* 0 %/)
    await world.does('weight catalog v2=10')
    const http = (await read()).spec.http
    await change({ http: [http[0], { ...http[1], timeout: '9s' }] })
    const refused = await world.canary('undo catalog')
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /Both touch spec\.http\[1\] of VirtualService/)
    assert.equal((await read()).spec.http[1]?.timeout, '9s')
  },
)

real(
  'at the end of a canary no claim on the routes is left, and their owner applies them without a conflict',
  async cluster => {
    const world = await catalogWorld(cluster, { routed: false })
    const route = (timeout: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog, namespace: ${world.namespace} }
spec: { hosts: [catalog], http: [{ timeout: ${timeout}, route: [{ destination: { host: catalog, subset: v1 } }] }] }
`
    const apply = (timeout: string) =>
      cluster.kubectl(['apply', '--server-side', '--field-manager=owner', '-f', '-'], {
        stdin: route(timeout),
      })
    await world.does('init catalog --stable v1')
    assert.equal((await apply('1s')).code, 0)
    await world.does('cohort internal catalog --to v2')
    const during = await apply('2s')
    assert.match(during.stderr, /conflict with "kubectl-canary"/)
    await world.does('abort catalog')
    const { code, stderr } = await apply('3s')
    assert.equal(code, 0, stderr)
  },
)

real('who may not record edits all the same, and is told so in one line', async cluster => {
  const world = await catalogWorld(cluster)
  const kubeconfig = await userWhoEdits(cluster, world.namespace)
  const { code, stderr } = await world.canary('weight catalog v2=10', ['--kubeconfig', kubeconfig])
  assert.equal(code, 0, stderr)
  assert.match(
    stderr,
    /^note: This change is not recorded, and undo cannot take it back: .*controllerrevisions.* forbidden.*\n$/,
  )
  assert.deepEqual(await world.records(), [])
})

/** A user who may read everything and write the routing objects, and nothing else. */
async function userWhoEdits(cluster: Cluster, namespace: string): Promise<string> {
  await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: routes-of-${namespace} }
rules:
  - { apiGroups: [networking.istio.io], resources: ['*'], verbs: ['*'] }
  - { apiGroups: ['', apps, discovery.k8s.io, autoscaling, gateway.networking.k8s.io], resources: ['*'], verbs: [get, list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: routes-of-${namespace} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: routes-of-${namespace} }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: dev-${namespace} }]
`)
  return cluster.kubeconfigFor({ name: `dev-${namespace}`, groups: [] })
}

const governed = clusterTests({ controllerManager: true })

governed('the history outlives its routing objects, and goes with its Service', async cluster => {
  const world = await catalogWorld(cluster)
  await world.does('weight catalog v2=10 --force')
  await cluster.expect(world.path('virtualservices', 'catalog'), { method: 'DELETE' })
  await world.does('weight catalog v2=20 --force')
  // The garbage collector acts on what is orphaned within seconds.
  await new Promise(resolve => setTimeout(resolve, 3000))
  assert.equal((await world.records()).length, 2)
  await cluster.expect(world.path('services', 'catalog'), { method: 'DELETE' })
  await until('the records are gone', async () => (await world.records()).length === 0)
})

real(
  'two people at once change the same service one after the other, and no change is lost',
  async cluster => {
    const world = await catalogWorld(cluster)
    const rounds = 10
    const edits = async (cohort: string): Promise<void> => {
      for (let round = 1; round <= rounds; round++)
        await world.does(`cohort ${cohort}-${round} catalog --to v2 --history-limit 50`)
    }
    await Promise.all([edits('a'), edits('b')])
    const { stdout } = await world.does('cohorts -o json')
    const names = [...stdout.matchAll(/"name": "([ab]-\d+)"/g)].map(([, name]) => name)
    assert.equal(new Set(names).size, 2 * rounds)
    const revisions = (await world.records()).map(record => Reflect.get(record, 'revision') as number)
    assert.deepEqual(
      revisions.toSorted((a, b) => a - b),
      Array.from({ length: 2 * rounds }, (_, i) => i + 1),
    )
  },
)
