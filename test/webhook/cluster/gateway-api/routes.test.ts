/** The guard and the routes of the Gateway API, before a real API server. */
import assert from 'node:assert/strict'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { until, type Cluster, type Outcome } from '../../../cluster/cluster.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded, type Guarded, type GuardedOptions } from '../guarded.ts'
import { blocksOf, commandsIn, editsIn, edited } from '../rules/denial.ts'
import { shell } from '../rules/follow.ts'
import { deployment } from '../scene.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })
const without = clusterTests({ crds: ['istio'] })

const service = (version: string, ports = '{ name: http, port: 80 }', selector = version): string => `
apiVersion: v1
kind: Service
metadata: { name: catalog-${version} }
spec: { selector: { app: catalog, version: ${selector} }, ports: [${ports}] }
`
const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: test, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`
const httpRoute = (
  v1: number,
  v2: number,
  { name = 'catalog', v2Name = 'catalog-v2', more = '' } = {},
): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: edge }]
  rules:
  ${more}
  - backendRefs:
    - { name: catalog-v1, port: 80, weight: ${v1} }
    - { name: ${v2Name}, port: 80, weight: ${v2} }
`
const cohort = `- matches: [{ headers: [{ name: x-cohort, value: internal }] }]
    backendRefs: [{ name: catalog-v2, port: 80 }]`
const world = [gateway, ...['v1', 'v2'].flatMap(version => [service(version), deployment(version)])]
const all = (...manifests: readonly string[]): string => manifests.join('---')

interface RouteStage {
  readonly cluster: Cluster
  readonly guard: Guarded
  readonly namespace: string
  readonly kubectl: (args: string, stdin?: string) => Promise<Outcome>
  readonly refused: (rule: string, args: string, stdin?: string) => Promise<string>
  /** Taken, without a warning. */
  readonly taken: (args: string, stdin?: string) => Promise<void>
  /** Taken, with a warning of the rule. */
  readonly warned: (rule: string, args: string, stdin?: string) => Promise<string>
}

function routeTest(
  title: string,
  body: (stage: RouteStage) => Promise<void>,
  options: GuardedOptions = {},
): void {
  real(title, async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(all(...world, httpRoute(90, 10)), { namespace })
    await using guard = await guarded(cluster, { rules: guardedRules, ...options })
    await body(stageOf(cluster, guard, namespace))
  })
}

function stageOf(cluster: Cluster, guard: Guarded, namespace: string): RouteStage {
  const kubectl = (args: string, stdin = ''): Promise<Outcome> =>
    cluster.kubectl([...args.split(' '), '-n', namespace], { stdin })
  const outcome = async (args: string, stdin: string | undefined, code: number): Promise<string> => {
    const { code: said, stderr } = await kubectl(args, stdin)
    assert.equal(said, code, `${args}\n${stderr}`)
    return stderr
  }
  return {
    cluster,
    guard,
    namespace,
    kubectl,
    refused: async (rule, args, stdin) => {
      const stderr = await outcome(args, stdin, 1)
      assert.deepEqual([...new Set(blocksOf(stderr).map(block => block.rule))], [rule], stderr)
      return stderr
    },
    taken: async (args, stdin) => assert.equal(await outcome(args, stdin, 0), ''),
    warned: async (rule, args, stdin) => {
      const stderr = await outcome(args, stdin, 0)
      assert.match(stderr, new RegExp(`^Warning: ${rule}: `, 'm'))
      return stderr
    },
  }
}

routeTest('a canary of an HTTPRoute goes through its steps without a word', async ({ taken }) => {
  for (const weight of [50, 0, 100]) await taken('apply -f -', httpRoute(100 - weight, weight))
  await taken('apply -f -', httpRoute(100, 0, { more: cohort }))
  await taken('apply -f -', httpRoute(100, 0))
  await taken('delete httproute catalog')
  await taken('delete service catalog-v1 catalog-v2')
})

routeTest('weights that sum to 0 are refused', async ({ refused }) => {
  const stderr = await refused('weights-sum-to-zero', 'apply -f -', httpRoute(0, 0))
  assert.match(stderr, /the weights of all backends are 0: all requests are answered with 500/)
  assert.match(stderr, /Fix: Set spec\.rules\[0\]\.backendRefs\[0\]\.weight: 100/)
})

routeTest(
  'a Service that gets requests is not deleted, and the command that is named lets it go',
  async ({ cluster, refused, taken }) => {
    const stderr = await refused('unknown-backend', 'delete service catalog-v2')
    assert.match(stderr, /Service test-\S+\/catalog-v2 does not exist: its requests are answered with 500/)
    const [block] = blocksOf(stderr)
    for (const command of commandsIn(block!)) await shell(cluster, command)
    await taken('delete service catalog-v2')
    const last = await refused('unknown-backend', 'delete service catalog-v1')
    for (const command of blocksOf(last).flatMap(commandsIn)) await shell(cluster, command)
    await taken('delete service catalog-v1')
  },
)

routeTest('a Service whose share is 0 is deleted with a warning', async ({ taken, warned }) => {
  await taken('apply -f -', httpRoute(100, 0))
  await warned('unknown-backend', 'delete service catalog-v2')
})

routeTest(
  'a port that is routed is not removed: it is kept, or the route goes to another port first',
  async ({ cluster, refused, taken }) => {
    const moved = service('v2', '{ name: http, port: 8080 }')
    const stderr = await refused('unknown-port', 'apply -f -', moved)
    const [block] = blocksOf(stderr)
    assert.match(stderr, /has no port 80; it has 8080/)
    const kept = JSON.stringify(
      editsIn(block!).reduce(edited, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'catalog-v2' },
        spec: { selector: { app: 'catalog', version: 'v2' }, ports: [{ name: 'new', port: 8080 }] },
      } as unknown as KubeObject),
    )
    await taken('apply -f -', kept)
    const both = await refused('unknown-port', 'apply -f -', moved)
    for (const command of blocksOf(both).flatMap(commandsIn)) await shell(cluster, command)
    await taken('apply -f -', moved)
  },
)

routeTest(
  'the selector of a Service, and the labels of its workload, keep its last workload',
  async ({ refused, kubectl }) => {
    const stderr = await refused('backend-matches-no-workload', 'apply -f -', service('v2', undefined, 'v9'))
    assert.match(stderr, /it no longer selects Deployment test-\S+\/catalog-v2/)
    assert.match(stderr, /spec\.selector: \{"app":"catalog","version":"v2"\}/)
    const relabelled = await refused(
      'backend-matches-no-workload',
      'apply -f -',
      deployment('v2', 'app: catalog, version: v9'),
    )
    assert.match(relabelled, /spec\.template\.metadata\.labels\.version: v2/)
    const { code, stderr: said } = await kubectl('delete deployment catalog-v2')
    assert.deepEqual([code, said.includes('Warning: backend-matches-no-workload')], [0, true], said)
  },
)

routeTest(
  'an existing problem is a warning at each later change',
  async ({ cluster, namespace, warned, taken }) => {
    await cluster.apply(httpRoute(90, 10, { name: 'late', v2Name: 'catalog-v9' }), { namespace })
    await warned('unknown-backend', 'apply -f -', httpRoute(80, 20, { name: 'late', v2Name: 'catalog-v9' }))
    await taken('annotate httproute late kubectl-canary/exempt=unknown-backend:later')
    await taken('apply -f -', httpRoute(70, 30, { name: 'late', v2Name: 'catalog-v9' }))
  },
)

const granted = (namespace: string): string => `
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: catalog }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: ${namespace} }]
  to: [{ group: '', kind: Service }]
`
/** A route of another namespace to the Services of this one. */
async function guestRoute({ cluster, namespace }: RouteStage): Promise<string> {
  const guest = await cluster.namespace()
  await cluster.apply(granted(guest), { namespace })
  const route = httpRoute(90, 10).replaceAll(', port: 80', `, namespace: ${namespace}, port: 80`)
  await cluster.apply(all(gateway, route), { namespace: guest })
  return guest
}

routeTest(
  'a grant that routes of another namespace rest on is deleted with a warning, as these must not hold it',
  async stage => {
    const guest = await guestRoute(stage)
    await until(
      'the guard has seen the grant',
      async () => stage.guard.guard.cache.view.list('ReferenceGrant', stage.namespace).length > 0,
    )
    const stderr = await stage.warned('ungranted-reference', 'delete referencegrant catalog')
    assert.match(stderr, new RegExp(`lets HTTPRoutes of ${guest} use Service ${stage.namespace}/catalog-v1`))
  },
)

real('a grant is held where the configuration lets the namespace of the route refuse', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(all(...world), { namespace })
  const stage = { cluster, namespace } as RouteStage
  const guest = await guestRoute(stage)
  await using guard = await guarded(cluster, {
    rules: guardedRules,
    config: { crossNamespace: { deny: [guest] } },
  })
  const { refused } = stageOf(cluster, guard, namespace)
  const stderr = await refused('ungranted-reference', 'delete referencegrant catalog')
  assert.match(stderr, /Fix: Delete HTTPRoute test-\S+\/catalog first/)
  const narrowed = granted(guest).replace('kind: Service }', 'kind: Service, name: catalog-v1 }')
  assert.match(await refused('ungranted-reference', 'apply -f -', narrowed), /Keep in ReferenceGrant/)
})

without(
  'without the Gateway API the guard is ready and works, and takes up its kinds once they are served',
  async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(all(service('v1'), deployment('v1')), { namespace })
    await using guard = await guarded(cluster, { rules: guardedRules })
    const { taken, refused } = stageOf(cluster, guard, namespace)
    const { cache } = guard.guard
    assert.deepEqual([cache.watch.isSynced(), cache.watch.stats().HTTPRoute?.isAbsent], [true, true])
    await taken('label service catalog-v1 team=shop')
    await cluster.addCrds('gateway-api')
    await cluster.apply(all(...world, httpRoute(90, 10)), { namespace })
    await until('the guard watches routes', async () => cache.view.list('HTTPRoute', namespace).length === 1)
    await refused('unknown-backend', 'delete service catalog-v2')
  },
)
