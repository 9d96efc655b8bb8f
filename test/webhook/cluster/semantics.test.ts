import assert from 'node:assert/strict'
import type { AnyRule } from '../../../shared/rules/rule.ts'
import { until, type Cluster, type Outcome } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { guarded, type Guarded } from './guarded.ts'
import { plantedRules } from '../planted-rules.ts'
import { all, destinationRule, idleWeight, route, service } from './manifests.ts'

const real = clusterTests()
const base = all(service, destinationRule(['v1', 'v2']))

/** One test with a guard and a namespace of its own that has the Service and its DestinationRule. */
function guardTest(
  title: string,
  body: (it: {
    readonly cluster: Cluster
    readonly namespace: string
    readonly guard: Guarded
    readonly kubectl: (args: string, stdin?: string) => Promise<Outcome>
  }) => Promise<void>,
): void {
  real(title, async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(base, { namespace })
    await using guard = await guarded(cluster)
    await body({
      cluster,
      namespace,
      guard,
      kubectl: (args, stdin = '') => cluster.kubectl([...args.split(' '), '-n', namespace], { stdin }),
    })
  })
}

guardTest(
  'kubectl shows a denial with the rule, the object and path and the fix, line by line',
  async ({ namespace, kubectl }) => {
    const { code, stderr } = await kubectl('apply -f -', route(90, 20))
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^Error from server \(Forbidden\): .*admission webhook "routes.canary-guard.test" denied the request: this would break canary routing$/m,
    )
    assert.ok(
      stderr.includes(
        `\n[weights-sum-to-100] VirtualService ${namespace}/catalog at spec.http[0].route\n  the weights add up to 110\n  Fix: Set them together.`,
      ),
      stderr,
    )
  },
)

guardTest('a client sees status 403 and the reason Forbidden', async ({ cluster, namespace }) => {
  const body = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'x' },
    spec: {
      hosts: ['x'],
      http: [
        {
          route: [
            { destination: { host: 'a' }, weight: 1 },
            { destination: { host: 'b' }, weight: 1 },
          ],
        },
      ],
    },
  }
  const answer = await cluster.request(
    `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`,
    { method: 'POST', body },
  )
  const { reason, code, details } = answer.body as { reason: string; code: number; details?: object }
  assert.deepEqual([answer.status, reason, code, details], [403, 'Forbidden', 403, undefined])
})

guardTest('kubectl shows warnings and goes on', async ({ namespace, kubectl }) => {
  const { code, stderr } = await kubectl('apply -f -', idleWeight)
  assert.deepEqual(
    [code, stderr.trim()],
    [0, `Warning: ineffective-weight: the weight does nothing (VirtualService ${namespace}/catalog)`],
  )
})

guardTest('the API server passes on the maximum of warnings, whatever they contain', async ({ kubectl }) => {
  const routes = Array.from(
    { length: 40 },
    (_, i) =>
      `  - { route: [{ destination: { host: "h${i}\\u0007\\u202e\\n${'é'.repeat(150)}" }, weight: 5 }] }`,
  ).join('\n')
  const { code, stderr } = await kubectl(
    'apply -f -',
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: many }\nspec:\n  hosts: [x]\n  http:\n${routes}\n`,
  )
  const warnings = stderr.split('\n').filter(line => line.startsWith('Warning: '))
  assert.equal(code, 0, stderr)
  assert.ok(warnings.length > 5 && warnings.length <= 20, stderr)
  assert.match(warnings.at(-1)!, /and \d+ more; see: kubectl canary lint/)
})

for (const version of ['v1alpha3', 'v1beta1', 'v1']) {
  guardTest(`${version} of the Istio API is judged`, async ({ kubectl }) => {
    const { code, stderr } = await kubectl('apply -f -', route(90, 20, { version }))
    assert.deepEqual([code, /weights-sum-to-100/.test(stderr)], [1, true])
  })
}

guardTest(
  'deleting or emptying a DestinationRule that a route needs is refused, with the finding on the route',
  async ({ namespace, kubectl }) => {
    assert.equal((await kubectl('apply -f -', route(90, 10))).code, 0)
    for (const attempt of [
      await kubectl('delete destinationrule catalog'),
      await kubectl('apply -f -', destinationRule(['v1'])),
    ]) {
      assert.equal(attempt.code, 1)
      assert.ok(
        attempt.stderr.includes(`[undefined-subset] VirtualService ${namespace}/catalog`),
        attempt.stderr,
      )
    }
  },
)

guardTest(
  'a deletecollection is judged object by object, whose names come from the objects',
  async ({ cluster, namespace, guard, kubectl }) => {
    assert.equal((await kubectl('apply -f -', route(90, 10))).code, 0)
    const collection = (plural: string): ReturnType<Cluster['request']> =>
      cluster.request(`/apis/networking.istio.io/v1/namespaces/${namespace}/${plural}`, { method: 'DELETE' })
    assert.equal((await collection('destinationrules')).status, 403)
    assert.equal((await collection('virtualservices')).status, 200)
    assert.equal((await collection('destinationrules')).status, 200)
    assert.deepEqual(
      guard
        .decisions('catalog')
        .slice(-3)
        .map(({ operation, resource, verdict }) => [operation, resource, verdict]),
      [
        ['DELETE', 'destinationrules', 'denied'],
        ['DELETE', 'virtualservices', 'allowed'],
        ['DELETE', 'destinationrules', 'allowed'],
      ],
    )
  },
)

guardTest('an object that is being deleted can always be updated', async ({ guard, kubectl }) => {
  assert.equal(
    (await kubectl('apply -f -', route(90, 10, { metadata: 'finalizers: [example.com/hold]' }))).code,
    0,
  )
  await kubectl('delete virtualservice catalog --wait=false')
  assert.equal((await kubectl('apply -f -', route(90, 20, { metadata: 'finalizers: []' }))).code, 0)
  assert.equal(guard.decisions('catalog').at(-1)?.['bypass'], 'being-deleted')
  assert.equal((await kubectl('get virtualservice catalog')).code, 1)
})

guardTest(
  'in a dry run, a finding about something absent is a warning, and others are denials',
  async ({ kubectl }) => {
    const absent = route(90, 10).replaceAll('v2', 'v9')
    const dry = await kubectl('apply --dry-run=server -f -', absent)
    assert.deepEqual([dry.code, /^Warning: undefined-subset/m.test(dry.stderr)], [0, true])
    assert.equal((await kubectl('apply -f -', absent)).code, 1)
    assert.equal((await kubectl('apply --dry-run=server -f -', route(90, 20))).code, 1)
  },
)

guardTest('an exemption with a reason lets one object pass, and is logged', async ({ guard, kubectl }) => {
  const metadata = 'annotations: { kubectl-canary/exempt: "weights-sum-to-100: load test" }'
  assert.equal((await kubectl('apply -f -', route(90, 20, { metadata }))).code, 0)
  assert.deepEqual(guard.decisions('catalog').at(-1)?.['exemptions'], ['weights-sum-to-100: load test'])
})

guardTest('a namespace opts out by a label at once', async ({ cluster, namespace, kubectl }) => {
  await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard=disabled'])
  assert.equal((await kubectl('apply -f -', route(90, 20))).code, 0)
})

guardTest(
  'a namespace that opts in again is reviewed again, and so is one that was deleted and created again',
  async ({ cluster, namespace, guard, kubectl }) => {
    const path = `/api/v1/namespaces/${namespace}`
    const isJudged = async (): Promise<boolean> =>
      (await kubectl('apply --dry-run=server -f -', route(90, 20))).code === 1
    await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard=disabled'])
    await until('it has opted out', async () => !(await isJudged()))
    await cluster.kubectl(['label', 'namespace', namespace, 'kubectl-canary/guard-'])
    await until('it has opted in again', isJudged)

    await cluster.expect(path, { method: 'DELETE' })
    await until(
      'it is being terminated',
      async () => (
        await kubectl('delete destinationrule catalog --dry-run=server'),
        guard.decisions('catalog').at(-1)?.['bypass'] === 'namespace-terminating'
      ),
    )
    assert.equal((await kubectl('delete destinationrule,service catalog')).code, 0)
    await cluster.expect(`${path}/finalize`, {
      method: 'PUT',
      body: { ...((await cluster.expect(path)) as object), spec: { finalizers: [] } },
    })
    await cluster.expect('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: namespace } } })
    await until('the new one is judged', isJudged)
  },
)

guardTest(
  'the garbage collector and the namespace controller may delete everything',
  async ({ cluster, namespace, kubectl }) => {
    for (const controller of ['generic-garbage-collector', 'namespace-controller']) {
      await cluster.apply(all(base, route(90, 10)), { namespace })
      assert.equal(
        (await kubectl(`delete destinationrule catalog --as=system:serviceaccount:kube-system:${controller}`))
          .code,
        0,
      )
      assert.equal((await kubectl('delete virtualservice catalog')).code, 0)
    }
  },
)

guardTest(
  'objects of 1.3 MB and keys named __proto__ are reviewed',
  async ({ cluster, namespace, guard }) => {
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`
    const headers = JSON.parse('{"__proto__":{"exact":"x"}}') as object
    const http = [
      {
        name: 'y'.repeat(1_300_000),
        match: [{ headers }],
        route: [{ destination: { host: 'catalog', subset: 'v1' } }],
      },
    ]
    const body = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'big' },
      spec: { hosts: ['x'], http },
    }
    await cluster.expect(path, { method: 'POST', body })
    await cluster.expect(`${path}/big`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { labels: { a: 'b' } } },
    })
    assert.deepEqual(
      guard.decisions('big').map(({ operation, verdict }) => [operation, verdict]),
      [
        ['CREATE', 'allowed'],
        ['UPDATE', 'allowed'],
      ],
    )
  },
)

guardTest(
  'a DestinationRule and a VirtualService right after it are never denied',
  async ({ cluster, namespace }) => {
    const path = `/apis/networking.istio.io/v1/namespaces/${namespace}`
    for (let i = 0; i < 60; i++) {
      const rule = {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: `h${i}` },
        spec: { host: 'catalog', subsets: [{ name: `s${i}`, labels: { version: 'v1' } }] },
      }
      const follower = {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: `h${i}` },
        spec: {
          hosts: [`h${i}`],
          http: [{ route: [{ destination: { host: 'catalog', subset: `s${i}` } }] }],
        },
      }
      await cluster.expect(`${path}/destinationrules`, { method: 'POST', body: rule })
      await cluster.expect(`${path}/virtualservices`, { method: 'POST', body: follower })
    }
  },
)

/** A rule that fails over a VirtualService of this name, as a fault of ours would. */
const faulty: AnyRule = {
  id: 'faulty',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'It is sound.',
  fix: 'None.',
  subject: 'VirtualService',
  reads: [],
  // oxlint-disable-next-line require-yield -- it fails before it says anything
  *check(_view, { metadata }) {
    if (metadata.name === 'faulty') throw new TypeError('a fault of ours')
  },
}
const faultyRoute = idleWeight.replace('name: catalog', 'name: faulty').replace('weight: 90', 'weight: 100')

for (const onError of ['deny', 'allow'] as const) {
  real(`a review that fails is answered as configured: ${onError}`, async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(base, { namespace })
    await using guard = await guarded(cluster, { rules: [...plantedRules, faulty], config: { onError } })
    const apply = (stdin: string): Promise<Outcome> =>
      cluster.kubectl(['apply', '-f', '-', '-n', namespace], { stdin })
    const { code, stderr } = await apply(faultyRoute)
    assert.equal(code, onError === 'deny' ? 1 : 0, stderr)
    assert.match(
      stderr,
      onError === 'deny'
        ? /\(Forbidden\): .* denied the request: canary-guard could not review this: internal error; see its log\n {2}Denied because onError is "deny" in its configuration\./
        : /^Warning: canary-guard could not review this: internal error; see its log\n$/,
    )
    // The API server takes no answer with another uid than it asked by: it would call that a failure of the webhook.
    assert.doesNotMatch(stderr, /failed calling webhook|uid/)
    const [decision] = guard.decisions('faulty')
    assert.deepEqual(
      [decision?.['verdict'], decision?.['reason'], typeof decision?.['uid']],
      ['error', 'internal', 'string'],
    )
    await cluster.kubectl(['delete', 'virtualservice', 'faulty', '-n', namespace, '--ignore-not-found'])
    assert.equal((await apply(route(90, 10))).code, 0, 'the rest is judged as ever')
    assert.equal((await apply(route(90, 20))).code, 1)
  })
}
