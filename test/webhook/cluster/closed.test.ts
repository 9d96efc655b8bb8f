/** failurePolicy Fail by the chart's own configuration: what happens to routes, and to all else, while the guard cannot judge. */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Requester, StreamedResponse } from '../../../shared/live/watch/stream/requester.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { one, render } from '../../charts/helm.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { post } from '../admission/reviewers.ts'
import { reviewOf, virtualService } from '../requests.ts'
import { guarded, type GuardAddress, type Guarded, type GuardedOptions } from './guarded.ts'
import { all, destinationRule, route, service } from './manifests.ts'
import { deployment } from './scene.ts'

const real = clusterTests({ needs: ['helm4'] })

/** The chart's configuration with failurePolicy Fail, for a guard at a URL. */
async function closedConfiguration({ at, authority }: GuardAddress): Promise<object> {
  const objects = await render({
    webhook: { failurePolicy: 'Fail', url: (at as { readonly url: string }).url, timeoutSeconds: 3 },
    certificate: {
      mode: 'secret',
      secretName: 'x',
      caBundle: Buffer.from(authority).toString('base64'),
    },
  })
  const configuration = one(objects, 'ValidatingWebhookConfiguration')
  return { ...configuration, metadata: { name: 'canary-guard' } }
}

interface Outcomes {
  readonly route: string
  readonly others: readonly string[]
}
interface Closed extends AsyncDisposable {
  readonly guard: Guarded
  readonly namespace: string
  /** What the API server says to a change of each object: `taken`, or why it is refused. */
  outcomes(): Promise<Outcomes>
}

/** A routed service behind a guard that fails closed. */
async function closed(cluster: Cluster, options: GuardedOptions = {}): Promise<Closed> {
  const namespace = await cluster.namespace()
  const objects = [service, deployment('v1'), deployment('v2'), destinationRule(['v1', 'v2']), route(90, 10)]
  await cluster.apply(all(...objects), { namespace })
  const guard = await guarded(cluster, {
    rules: guardedRules,
    configurationFor: closedConfiguration,
    ...options,
  })
  let round = 0
  return {
    guard,
    namespace,
    outcomes: () => changeAll(cluster, namespace, ++round),
    [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose](),
  }
}

/** Changes a DestinationRule, and then a Service, a workload, its scale, and the opt-out of the namespace. */
async function changeAll(cluster: Cluster, namespace: string, round: number): Promise<Outcomes> {
  const patch = async (path: string, body: object): Promise<string> => {
    const answer = await cluster.request(path, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body,
    })
    return answer.status < 300 ? 'taken' : String((answer.body as { readonly message?: string }).message)
  }
  const own = `/api/v1/namespaces/${namespace}`
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const rules = `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules`
  const optOut = (value: string | null): Promise<string> =>
    patch(own, { metadata: { labels: { 'kubectl-canary/guard': value } } })
  const route = await patch(`${rules}/catalog`, {
    spec: { trafficPolicy: { connectionPool: { http: { maxRetries: round } } } },
  })
  const ports = [
    { name: 'http', port: 80 },
    { name: 'http-more', port: 1000 + round },
  ]
  const labels = { round: `r${round}` }
  const others = [
    await patch(`${own}/services/catalog`, { spec: { ports } }),
    await patch(`${apps}/catalog-v1`, { spec: { template: { metadata: { labels } } } }),
    await patch(`${apps}/catalog-v2/scale`, { spec: { replicas: round % 2 } }),
    await optOut('disabled'),
  ]
  // Or the next route would not be reviewed.
  await optOut(null)
  return { route, others }
}

const taken = ['taken', 'taken', 'taken', 'taken']
const statusOf = async ({ guard: { guard } }: Closed): Promise<readonly [number, string]> => {
  const answer = await fetch(`http://127.0.0.1:${guard.probePort}/readyz`)
  return [answer.status, await answer.text()]
}

/** A user with the rights of the chart's ClusterRole, and what takes them away and gives them back. */
async function rightsOf(cluster: Cluster, name: string) {
  const path = '/apis/rbac.authorization.k8s.io/v1'
  const role = one(await render(), 'ClusterRole')
  await cluster.expect(`${path}/clusterroles`, { method: 'POST', body: { ...role, metadata: { name } } })
  const body = {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  }
  const give = (): Promise<unknown> => cluster.expect(`${path}/clusterrolebindings`, { method: 'POST', body })
  await give()
  return {
    kubeconfig: await cluster.kubeconfigFor({ name }),
    give,
    take: () => cluster.expect(`${path}/clusterrolebindings/${name}`, { method: 'DELETE' }),
    /** Leaves it these verbs alone. */
    only: (verbs: readonly string[]) =>
      cluster.expect(`${path}/clusterroles/${name}`, {
        method: 'PUT',
        body: {
          ...role,
          metadata: { name },
          rules: (role['rules'] as readonly { readonly verbs: readonly string[] }[]).map(rule => ({
            ...rule,
            verbs: rule.verbs.filter(verb => verbs.includes(verb)).concat(verbs.slice(0, 1)),
          })),
        },
      }),
  }
}

const rights = { everyMs: 100, lostAfterMs: 1_500 }

real(
  'a guard that loses its rights is not ready and denies routes alone, and is ready again with its rights',
  async cluster => {
    const { kubeconfig, take, give } = await rightsOf(cluster, 'guard-a')
    await using scene = await closed(cluster, { kubeconfig, rights })
    assert.deepEqual(await scene.outcomes(), { route: 'taken', others: taken })
    await take()
    await until('it is not ready', async () => (await statusOf(scene))[0] === 503)
    assert.match((await statusOf(scene))[1], /does not let it list and watch \w+ objects \(403\)/)
    const { route, others } = await scene.outcomes()
    assert.match(
      route,
      /denied the request: canary-guard could not review this: it has lost the right to read/,
    )
    assert.deepEqual(others, taken)
    await give()
    await until('it is ready again', async () => (await statusOf(scene))[0] === 200)
    assert.deepEqual(await scene.outcomes(), { route: 'taken', others: taken })
  },
)

real('a guard that may list and no longer watch is not ready once its watches have ended', async cluster => {
  const { kubeconfig, only } = await rightsOf(cluster, 'guard-b')
  let cut = (): void => undefined
  await using scene = await closed(cluster, {
    kubeconfig,
    rights,
    through: requester => cuttable(requester, cutAll => (cut = cutAll)),
  })
  await only(['list', 'get', 'create'])
  await sleep(2 * rights.lostAfterMs)
  assert.equal((await statusOf(scene))[0], 200, 'what is watched is still up to date')
  cut()
  await until('it is not ready', async () => (await statusOf(scene))[0] === 503)
})

/** A connection whose watches can be cut all at once. */
function cuttable(requester: Requester, onCut: (cut: () => void) => void): Requester {
  let cuts: (() => void)[] = []
  onCut(() => {
    for (const cut of cuts) cut()
    cuts = []
  })
  return {
    request: ask => {
      const ended = new AbortController()
      if (ask.query['watch'] !== undefined) cuts.push(() => ended.abort(new Error('cut')))
      return requester.request({ ...ask, signal: AbortSignal.any([ask.signal, ended.signal]) })
    },
  }
}

const nothing = async function* (): AsyncGenerator<Uint8Array> {}
const answering = (status: number, headers = {}): Promise<StreamedResponse> =>
  Promise.resolve({ status, headers, body: nothing() })

/** What is between the guard and the API server, and is no matter of rights. */
const faults: Readonly<Record<string, Requester['request']>> = {
  'too many requests': () => answering(429, { 'retry-after': '1' }),
  'an API server that is away': () => Promise.reject(new Error('connect ECONNREFUSED')),
  'an API server that never answers': ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  'a token that is refused': () => answering(401),
  'errors of the API server': () => answering(500),
}

real(
  'no other trouble than lost rights makes it not ready, and routes that it can judge pass',
  async cluster => {
    let fault: Requester['request'] | undefined
    let cut = (): void => undefined
    await using scene = await closed(cluster, {
      rights: { everyMs: 50, lostAfterMs: 200 },
      through: requester => {
        const through = cuttable(requester, cutAll => (cut = cutAll))
        return { request: ask => (fault === undefined ? through.request(ask) : fault(ask)) }
      },
    })
    for (const [what, answer] of Object.entries(faults)) {
      fault = answer
      cut()
      await sleep(1_000)
      assert.deepEqual(await statusOf(scene), [200, 'ok\n'], what)
      assert.deepEqual(await scene.outcomes(), { route: 'taken', others: taken }, what)
      fault = undefined
    }
  },
)

/** An API server that answers no read any more once that has begun; its watches go on. */
function unansweredReads(): {
  readonly through: (requester: Requester) => Requester
  readonly begin: () => void
} {
  let hasBegun = false
  return {
    begin: () => {
      hasBegun = true
    },
    through: requester => ({
      request: ask =>
        hasBegun && ask.query['watch'] === undefined
          ? faults['an API server that never answers']!(ask)
          : requester.request(ask),
    }),
  }
}

real('a route that cannot be judged in time is denied, and all else passes', async cluster => {
  const { through, begin } = unansweredReads()
  await using scene = await closed(cluster, { through })
  begin()
  const missing = destinationRule(['v1'])
  const { code, stderr } = await cluster.kubectl(['apply', '-n', scene.namespace, '-f', '-'], {
    stdin: missing,
  })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /denied the request: canary-guard could not review this: [^]*failurePolicy for routes is Fail/,
  )
  const { others } = await scene.outcomes()
  assert.deepEqual(others, taken)
})

real('while there are too many reviews, routes are refused and all else passes', async cluster => {
  const { through, begin } = unansweredReads()
  await using scene = await closed(cluster, { through })
  begin()
  const port = await scene.guard.guard.port
  // Each waits for a read that is not answered, so that it keeps its share of the memory.
  const body = JSON.stringify(
    reviewOf({ after: virtualService({ v9: 100 }, { namespace: scene.namespace }) }),
  )
  // The certificate is for the address, and not for the name that is sent.
  const agent = new Agent({ rejectUnauthorized: false })
  const ended = new AbortController()
  const flood = Array.from({ length: 400 }, async () => {
    // One that is over is followed by another: on a slow machine the first end before the last connections are made.
    while (!ended.signal.aborted) {
      await post(port, body, { agent, ca: '', path: '/validate?timeout=20s' }).catch(() => undefined)
      await sleep(500)
    }
  })
  await until('one review more is one too many', async () => {
    const answer = await post(port, body, { agent, ca: '', path: '/validate?timeout=2s' })
    return answer.status === 429
  })
  const { route, others } = await scene.outcomes()
  assert.match(route, /failed calling webhook/)
  assert.deepEqual(others, taken)
  ended.abort()
  agent.destroy()
  await Promise.all(flood)
})
