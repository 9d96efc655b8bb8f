/** failurePolicy Fail with no guard at all: what is refused, what goes on, and the ways out that NOTES names. */
import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster, type Outcome } from '../../cluster/cluster.ts'
import { Release } from './release.ts'

const real = clusterTests({
  controllerManager: true,
  // As clusters run it: the namespace controller has a name.
  controllerManagerFlags: ['--use-service-account-credentials=true'],
  needs: ['helm4'],
})

const routes = (max: number): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec:
  host: catalog
  trafficPolicy: { connectionPool: { http: { maxRetries: ${max} } } }
  subsets: [{ name: v1, labels: { version: v1 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ timeout: ${max}s, route: [{ destination: { host: catalog, subset: v1 } }] }] }
`
const backends = (name: string, replicas: number): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}-v1 }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name}, version: v1 } }
  template:
    metadata: { labels: { app: ${name}, version: v1 } }
    spec: { containers: [{ name: c, image: c }] }
`

interface Shop {
  readonly namespace: string
  readonly kubectl: (args: string, stdin?: string) => Promise<Outcome>
  /** What is done to the routes, which must be refused by the API server for want of a guard. */
  readonly refused: (args: string, stdin?: string) => Promise<void>
  readonly taken: (args: string, stdin?: string) => Promise<void>
  readonly pods: () => Promise<readonly string[]>
}

async function shopIn(cluster: Cluster): Promise<Shop> {
  const namespace = await cluster.namespace()
  await until('pods can be made', async () => {
    const { status } = await cluster.request(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    return status === 200
  })
  const kubectl = (args: string, stdin = ''): Promise<Outcome> =>
    cluster.kubectl([...args.split(' '), '-n', namespace], { stdin })
  return {
    namespace,
    kubectl,
    refused: async (args, stdin) => {
      const { code, stderr } = await kubectl(args, stdin)
      assert.deepEqual(
        [code, /failed calling webhook "routes\./.test(stderr)],
        [1, true],
        `${args}: ${stderr}`,
      )
    },
    taken: async (args, stdin) => {
      const { code, stderr } = await kubectl(args, stdin)
      assert.equal(code, 0, `${args}: ${stderr}`)
    },
    pods: async () => {
      const { items } = (await cluster.expect(`/api/v1/namespaces/${namespace}/pods`)) as {
        readonly items: readonly { readonly metadata: { readonly name: string } }[]
      }
      return items.map(({ metadata: { name } }) => name)
    },
  }
}

/** Everything that a cluster does without a guard. */
async function startScaleAndHeal({ taken, pods }: Shop): Promise<void> {
  await taken('apply -f -', backends('billing', 2))
  await until(
    'its pods are there',
    async () => (await pods()).filter(name => name.includes('billing')).length === 2,
  )
  await taken('scale deployment billing-v1 --replicas=3')
  await until(
    'it is scaled',
    async () => (await pods()).filter(name => name.includes('billing')).length === 3,
  )
  const lost = await pods()
  await taken('delete pods --all --wait=false --grace-period=0 --force')
  await until('other pods are there', async () => {
    const now = await pods()
    return now.length === lost.length && now.every(name => !lost.includes(name))
  })
  await taken(
    'patch deployment billing-v1 --type=merge -p {"spec":{"template":{"metadata":{"labels":{"round":"2"}}}}}',
  )
  await taken('patch service billing --type=merge -p {"spec":{"type":"NodePort"}}')
  await taken('scale deployment billing-v1 --replicas=0')
  await taken('delete service billing')
}

/** A shop with routes and a guard without which no route is taken, and the notes of that. */
async function routedShop(release: Release): Promise<{ readonly shop: Shop; readonly notes: string }> {
  const shop = await shopIn(release.cluster)
  const notes = await release.install('helm4', ['webhook.failurePolicy=Fail'])
  await shop.taken('apply -f -', `${backends('catalog', 1)}---${routes(1)}`)
  return { shop, notes }
}

/** Takes the guard away, so that no replica is left. */
async function leaveNone(release: Release): Promise<void> {
  const { cluster, namespace, name, node } = release
  await cluster.kubectl(['-n', namespace, 'scale', `deployment/${name}`, '--replicas=0'])
  await until('no replica is left', async () => node.running.length === 0)
  await until('routes are refused', async () => (await release.write(100)).status >= 400)
}

/** The commands of NOTES below a heading, with the namespace that they are for. */
function commandsIn(notes: string, heading: string, namespace: string): readonly (readonly string[])[] {
  const [, text = ''] = notes.split(heading)
  return [...text.split('\n\n')[0]!.matchAll(/^ {2}[^:\n(]+:\s+((?:kubectl|helm) .*)$/gm)].map(
    ([, command]) => command!.replaceAll("'", '').replace('NAME', namespace).split(' '),
  )
}

real(
  'with failurePolicy Fail and no guard, routes are refused, all else goes on, and a guard that comes back is asked again',
  async cluster => {
    await using release = await Release.prepare(cluster)
    const { shop } = await routedShop(release)
    await leaveNone(release)

    await shop.refused('apply -f -', routes(2))
    await shop.refused('delete virtualservice catalog')
    await shop.refused('create -f -', routes(3).replaceAll('name: catalog', 'name: other'))
    await startScaleAndHeal(shop)

    // A namespace goes with the routes in it, and the routes of another stay refused.
    const doomed = await shopIn(cluster)
    await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment/canary-guard', '--replicas=2'])
    await release.refuses()
    await doomed.taken('apply -f -', routes(1).replace('subset: v1 ', ''))
    await leaveNone(release)
    await cluster.kubectl(['delete', 'namespace', doomed.namespace, '--timeout=30s'])
    assert.equal((await cluster.request(`/api/v1/namespaces/${doomed.namespace}`)).status, 404)

    await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment/canary-guard', '--replicas=2'])
    await release.refuses()
    await shop.taken('apply -f -', routes(4))
  },
)

real('each way out of failurePolicy Fail that NOTES names works while there is no guard', async cluster => {
  await using release = await Release.prepare(cluster)
  const { shop, notes } = await routedShop(release)
  const commands = commandsIn(notes, 'If the guard does not come back', shop.namespace)
  assert.equal(commands.length, 3, notes)
  for (const [i, [program, ...args]] of commands.entries()) {
    await leaveNone(release)
    await shop.refused('apply -f -', routes(10 + i))
    const { code, stderr } =
      program === 'helm' ? await release.helm('helm4', args) : await cluster.kubectl(args)
    assert.equal(code, 0, stderr)
    await until('routes get through', async () => {
      const { code } = await shop.kubectl('apply -f -', routes(20 + i))
      return code === 0
    })
    // As it was before, which neither needs a guard.
    await cluster.kubectl(['label', 'namespace', shop.namespace, 'kubectl-canary/guard-'])
    const upgrade = ['upgrade', release.name, 'charts/canary-guard', '--reuse-values', '--set']
    await release.helm('helm4', [...upgrade, 'webhook.failurePolicy=Fail', '--wait', '--timeout=1m'])
    await cluster.kubectl(['-n', release.namespace, 'scale', 'deployment/canary-guard', '--replicas=2'])
    await release.refuses()
  }
})

real(
  'rights that an administrator takes away and gives back close and open routes, without a restart',
  async cluster => {
    await using release = await Release.prepare(cluster)
    const { shop } = await routedShop(release)
    const role = await cluster.expect('/apis/rbac.authorization.k8s.io/v1/clusterroles/canary-guard')
    await cluster.kubectl(['delete', 'clusterrole', release.name])
    const areReady = async (): Promise<readonly boolean[]> =>
      Promise.all(release.node.running.map(container => container.passes('readinessProbe')))
    await until('no replica is ready', async () => (await areReady()).every(isReady => !isReady))
    const { code, stderr } = await shop.kubectl('apply -f -', routes(2))
    assert.deepEqual([code, /it has lost the right to read/.test(stderr)], [1, true], stderr)
    await startScaleAndHeal(shop)
    const { metadata, ...rest } = role as { readonly metadata: { readonly labels: object } }
    await cluster.expect('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
      method: 'POST',
      body: { ...rest, metadata: { name: release.name, labels: metadata.labels } },
    })
    await until('all replicas are ready', async () => (await areReady()).every(isReady => isReady))
    assert.equal(release.node.running.length, 2)
    await shop.taken('apply -f -', routes(3))
  },
)
