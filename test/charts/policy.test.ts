import assert from 'node:assert/strict'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { weightsSumTo100 } from '../../shared/rules/weights/weights-sum-to-100.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { defaultConfig, type GuardConfig } from '../../webhook/config/config.ts'
import { review } from '../../webhook/review/review.ts'
import { judgeBy } from '../../webhook/run/judge-by.ts'
import { fc } from '../properties.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { until, type Answer, type Cluster } from '../cluster/cluster.ts'
import { requestFor } from '../webhook/requests.ts'
import { render, type Values } from './helm.ts'

const real = clusterTests({ controllerManager: true, needs: ['helm4'] })

const api = '/apis/admissionregistration.k8s.io/v1'
const policies: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: `${api}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${api}/validatingadmissionpolicybindings`,
}
const policyName = 'guard-canary-guard-weights'

/** Has the API server judge by the chart's policy; no guard runs. */
async function withPolicy(cluster: Cluster, values: Values = {}): Promise<AsyncDisposable> {
  const objects = (await render({ ...values, policy: { enabled: true } })).filter(
    ({ kind }) => policies[kind] !== undefined,
  )
  for (const body of objects) await cluster.expect(policies[body.kind]!, { method: 'POST', body })
  const isWarning = JSON.stringify(values).includes('"warn"')
  await until('the policy is in force', async () =>
    isWarning ? await warned(cluster, 'default') : isDenied(await sent(cluster, {}, { after: split(0, 0) })),
  )
  return {
    [Symbol.asyncDispose]: async () => {
      for (const { kind, metadata } of objects)
        await cluster.expect(`${policies[kind]!}/${metadata.name}`, { method: 'DELETE' })
      await until(
        'the policy is gone',
        async () => (await sent(cluster, {}, { after: split(0, 0) })).status < 300,
      )
    },
  }
}

type Spec = Readonly<Record<string, unknown>>
interface SpecChange {
  readonly before?: Spec
  readonly after: Spec
}

const destination = (host: string, weight?: number, more: object = {}): object => ({
  destination: { host, ...more },
  ...(weight === undefined ? {} : { weight }),
})
const http = (...routes: readonly (readonly object[])[]): Spec => ({
  hosts: ['x'],
  http: routes.map(route => ({ route })),
})
const split = (a: number | undefined, b: number | undefined): Spec =>
  http([destination('a', a), destination('b', b)])
const tcp = (route: readonly object[]): Spec => ({ hosts: ['x'], tcp: [{ route }] })
const tls = (route: readonly object[]): Spec => ({
  hosts: ['x.example'],
  tls: [{ match: [{ port: 443, sniHosts: ['x.example'] }], route }],
})

const exempted = { 'kubectl-canary/exempt': 'weights-sum-to-100: for the test' }

const objectOf = (spec: Spec, metadata: object = {}, version = 'v1'): KubeObject =>
  ({
    apiVersion: `networking.istio.io/${version}`,
    kind: 'VirtualService',
    metadata: { name: 'probe', ...metadata },
    spec,
  }) as KubeObject

const pathIn = (namespace: string, version = 'v1'): string =>
  `/apis/networking.istio.io/${version}/namespaces/${namespace}/virtualservices`

interface SendOptions {
  readonly namespace?: string
  readonly metadata?: object
  readonly version?: string
}

/** Dry-runs a change of a VirtualService; what is there before is exempt, so that anything can be. */
async function sent(cluster: Cluster, options: SendOptions, { before, after }: SpecChange): Promise<Answer> {
  const { namespace = 'default', metadata = {}, version = 'v1' } = options
  const path = pathIn(namespace, version)
  const body = objectOf(after, metadata, version)
  if (before === undefined) return cluster.request(`${path}?dryRun=All`, { method: 'POST', body })
  await cluster.expect(path, { method: 'POST', body: objectOf(before, { annotations: exempted }, version) })
  try {
    const { metadata: stored } = (await cluster.expect(`${path}/probe`)) as KubeObject
    const { resourceVersion } = stored
    return await cluster.request(`${path}/probe?dryRun=All`, {
      method: 'PUT',
      body: { ...body, metadata: { ...body.metadata, resourceVersion } },
    })
  } finally {
    await cluster.expect(`${path}/probe`, { method: 'DELETE' })
  }
}

/** Whether the policy has refused it; anything else that is not a success is thrown. */
function isDenied({ status, body }: Answer): boolean {
  const { message = '' } = body as { readonly message?: string }
  if (status < 300) return false
  if (
    status === 403
    && message.includes(`ValidatingAdmissionPolicy '${policyName}'`)
    && message.includes('[weights-sum-to-100]')
  )
    return true
  throw new Error(`${status} ${message}`)
}

async function warned(cluster: Cluster, namespace: string): Promise<boolean> {
  const { code, stderr } = await cluster.kubectl(['-n', namespace, 'create', '--dry-run=server', '-f', '-'], {
    stdin: JSON.stringify(objectOf(split(90, 20))),
  })
  assert.equal(code, 0, stderr)
  return /^Warning: .*\[weights-sum-to-100\] the weights 90 \+ 20 of a route add up to 110/m.test(stderr)
}

/** Whether the guard refuses the change by that rule. */
function guardDenies(
  { before, after }: SpecChange,
  config: Partial<GuardConfig> = {},
  metadata: object = {},
): boolean {
  const settings = { ...defaultConfig, ...config }
  const namespace = 'default'
  const { denials } = review(
    requestFor({
      ...(before === undefined ? {} : { before: objectOf(before, { namespace }) }),
      after: objectOf(after, { ...metadata, namespace }),
    }),
    { view: snapshot([]), judge: judgeBy([weightsSumTo100], settings), settings },
  )
  return denials.length > 0
}

const full = 'a.default.svc.cluster.local'
const subsets = (...weights: readonly (number | undefined)[]): readonly object[] =>
  weights.map((weight, i) => destination('a', weight, { subset: `v${i}`, port: { number: 80 } }))

const cases: Readonly<Record<string, SpecChange>> = {
  'a single destination without a weight': { after: http([destination('a')]) },
  'a single destination with a weight of 90': { after: http([destination('a', 90)]) },
  'weights of 100': { after: split(90, 10) },
  'weights of 110': { after: split(90, 20) },
  'a missing weight that completes nothing': { after: split(90, undefined) },
  'a missing weight beside 100': { after: split(100, undefined) },
  'no weights at all': { after: split(undefined, undefined) },
  'a sum of zero': { after: split(0, 0) },
  'shares of 1 and 1': { after: split(1, 1) },
  'a negative weight that completes 100': { after: split(110, -10) },
  'a negative sum': { after: split(-1, 0) },
  'weights whose sum is beyond an int32': { after: split(2147483647, 2147483647) },
  'a redirect, which has no destinations': { after: { hosts: ['x'], http: [{ redirect: { uri: '/x' } }] } },
  'no routes at all': { after: { hosts: ['x'] } },
  'a second route that is wrong': { after: http([destination('a')], subsets(50, 49)) },
  'a tcp route of 100': { after: tcp(subsets(50, 50)) },
  'a tcp route of 99': { after: tcp(subsets(50, 49)) },
  'a tls route of 100': { after: tls(subsets(50, 50)) },
  'a tls route of 101': { after: tls(subsets(50, 51)) },
  'a wrong route that stays': { before: split(90, 20), after: split(90, 20) },
  'a wrong route that gets other hosts beside it': {
    before: split(90, 20),
    after: { ...split(90, 20), hosts: ['x', 'y'] },
  },
  'a wrong route that moves behind another': {
    before: split(90, 20),
    after: http([destination('c')], [destination('a', 90), destination('b', 20)]),
  },
  'a wrong route with its destinations in another order': {
    before: split(90, 20),
    after: http([destination('b', 20), destination('a', 90)]),
  },
  'a wrong route with its host written out': {
    before: split(90, 20),
    after: http([destination(full, 90), destination('b', 20)]),
  },
  'a wrong route that is corrected': { before: split(90, 20), after: split(80, 20) },
  'a wrong route that is wrong in another way': { before: split(90, 20), after: split(90, 30) },
  'a wrong route with the same sum by other weights': { before: split(90, 20), after: split(80, 30) },
  'a wrong route whose weights change places': { before: split(90, 20), after: split(20, 90) },
  'a wrong route to another subset': {
    before: http(subsets(90, 20)),
    after: http(subsets(90, 20, undefined)),
  },
  'a wrong route whose missing weight is written as 0': { before: split(90, undefined), after: split(90, 0) },
  'a second route with an old fault': {
    before: split(90, 20),
    after: http([destination('a', 90), destination('b', 20)], [destination('a', 90), destination('b', 20)]),
  },
  'one of two wrong routes that takes the fault of the other': {
    before: http(subsets(90, 20), subsets(1, 1)),
    after: http(subsets(90, 20), subsets(90, 20)),
  },
  'a route that becomes wrong': { before: split(90, 10), after: split(90, 20) },
  'a wrong route that moves from http to tcp': { before: http(subsets(1, 2)), after: tcp(subsets(1, 2)) },
  'a long wrong route that stays': {
    before: http(subsets(...Array.from({ length: 12 }, () => 1))),
    after: http([destination('b')], subsets(...Array.from({ length: 12 }, () => 1))),
  },
  'a long route with another wrong sum': {
    before: http(subsets(...Array.from({ length: 12 }, () => 1))),
    after: http(subsets(...Array.from({ length: 12 }, () => 2))),
  },
}

for (const relativeWeights of [false, true]) {
  real(
    `refuses what the guard's rule refuses, with relativeWeights ${relativeWeights}, and nothing else`,
    async cluster => {
      await using _ = await withPolicy(cluster, { config: { relativeWeights } })
      for (const [title, change] of Object.entries(cases))
        assert.equal(
          isDenied(await sent(cluster, {}, change)),
          guardDenies(change, { relativeWeights }),
          title,
        )
    },
  )
}

const weight = fc.constantFrom(undefined, 0, 1, 10, 50, 90, 99, 100)
const target = fc
  .tuple(
    fc.constantFrom('a', full, 'b', 'c.example'),
    weight,
    fc.constantFrom({}, { subset: 'v1' }, { port: { number: 80 } }),
  )
  .map(args => destination(...args))
const targets = fc.array(target, { minLength: 1, maxLength: 3 })
const specs = fc
  .tuple(
    fc.array(targets, { maxLength: 3 }),
    fc.array(targets, { maxLength: 1 }),
    fc.array(targets, { maxLength: 1 }),
  )
  .map(([routes, [tcpRoute], [tlsRoute]]) => ({
    ...http(...routes),
    ...(tcpRoute === undefined ? {} : { tcp: tcp(tcpRoute)['tcp'] }),
    ...(tlsRoute === undefined ? {} : { ...tls(tlsRoute), hosts: ['x.example'] }),
  }))
const changes = fc.oneof(
  specs.map((after): SpecChange => ({ after })),
  fc.tuple(specs, specs).map(([before, after]): SpecChange => ({ before, after })),
  // Most routes stay as they were.
  fc.tuple(fc.array(targets, { minLength: 1, maxLength: 3 }), targets).map(([routes, more]): SpecChange => ({
    before: http(...routes),
    after: http(more, ...routes.toReversed()),
  })),
)

real("judges any change as the guard's rule does", async cluster => {
  await using _ = await withPolicy(cluster)
  await fc.assert(
    fc.asyncProperty(changes, async change =>
      assert.equal(isDenied(await sent(cluster, {}, change)), guardDenies(change)),
    ),
    { numRuns: 150 },
  )
})

real('an exemption needs the rule and a reason, as for the guard', async cluster => {
  await using _ = await withPolicy(cluster)
  const after = split(90, 20)
  for (const text of [
    'weights-sum-to-100: load test',
    ' weights-sum-to-100 :load test',
    'unknown-host: x\nweights-sum-to-100: load test',
    'unknown-host: x; weights-sum-to-100: load: test',
    'weights-sum-to-100',
    'weights-sum-to-100:',
    'weights-sum-to-100: ;unknown-host: x',
    'weights-sum-to-100:\nload test',
    'invalid-weight: weights-sum-to-100: x',
    'no-weights-sum-to-100: x',
    '',
  ]) {
    const metadata = { annotations: { 'kubectl-canary/exempt': text } }
    assert.equal(
      isDenied(await sent(cluster, { metadata }, { after })),
      guardDenies({ after }, {}, metadata),
      text,
    )
  }
})

real('where the rule only warns, the policy warns', async cluster => {
  await using _ = await withPolicy(cluster, { config: { rules: { 'weights-sum-to-100': 'warn' } } })
  assert.equal(await warned(cluster, 'default'), true)
})

real(
  'asks nobody whom the guard does not ask: other namespaces, exempt users, objects that are being deleted',
  async cluster => {
    await using _ = await withPolicy(cluster, {
      config: { exemptUsers: ["o'brien"] },
      webhook: {
        excludedNamespaces: ['legacy'],
        namespaceSelector: { matchExpressions: [{ key: 'out', operator: 'DoesNotExist' }] },
      },
    })
    await cluster.expect('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: 'legacy' } } })
    const after = split(90, 20)
    for (const namespace of [
      'legacy',
      'kube-system',
      await cluster.namespace({ 'kubectl-canary/guard': 'disabled' }),
      await cluster.namespace({ out: 'yes' }),
    ])
      assert.equal(isDenied(await sent(cluster, { namespace }, { after })), false, namespace)
    for (const version of ['v1', 'v1beta1', 'v1alpha3'])
      assert.equal(isDenied(await sent(cluster, { version }, { after })), true)
    for (const [user, expected] of [
      ["o'brien", 0],
      ['jane', 1],
      ['system:serviceaccount:guard-system:guard-canary-guard-test', 0],
    ] as const) {
      const args = ['create', '--dry-run=server', '--as', user, '--as-group', 'system:masters', '-f', '-']
      const { code, stderr } = await cluster.kubectl(args, { stdin: JSON.stringify(objectOf(after)) })
      assert.equal(code, expected, stderr)
    }
    const metadata = { finalizers: ['example.com/wait'], annotations: exempted }
    await cluster.expect(pathIn('default'), { method: 'POST', body: objectOf(after, metadata) })
    await cluster.expect(`${pathIn('default')}/probe`, { method: 'DELETE' })
    await cluster.expect(`${pathIn('default')}/probe`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null, annotations: null }, spec: split(90, 30) },
    })
  },
)

real('its expressions fit the types of Istio', async cluster => {
  await using _ = await withPolicy(cluster)
  let checked: unknown
  await until('the types are checked', async () => {
    const { status } = (await cluster.expect(`${policies['ValidatingAdmissionPolicy']!}/${policyName}`)) as {
      readonly status?: { readonly typeChecking?: unknown }
    }
    checked = status?.typeChecking
    return checked !== undefined
  })
  assert.deepEqual(checked, {})
})

const unweighted = (length: number): readonly object[] => Array.from({ length }, () => destination('a'))

// The guard judges objects of up to 150,000 values, and etcd stores 1.5 MB; beyond the cost that the API server allows, the policy would admit it.
const largest: Readonly<Record<string, Spec>> = {
  '18,700 routes with two destinations': http(...Array.from({ length: 18_700 }, () => unweighted(2))),
  '10,700 routes with four destinations': http(...Array.from({ length: 10_700 }, () => unweighted(4))),
  'nine routes with 5,000 destinations': http(...Array.from({ length: 9 }, () => unweighted(5_000))),
}

for (const [what, after] of Object.entries(largest)) {
  real(
    `the largest VirtualService that the guard judges is within what may be spent: ${what}`,
    async cluster => {
      await using _ = await withPolicy(cluster)
      assert.equal(isDenied(await inTime(() => sent(cluster, {}, { after }))), true)
    },
  )
}

real('a route with more than 5,000 destinations is left to the guard', async cluster => {
  await using _ = await withPolicy(cluster)
  for (const length of [5_000, 5_001])
    assert.equal(isDenied(await sent(cluster, {}, { after: http(unweighted(length)) })), length === 5_000)
})

/** An answer on a machine that is busy: the API server gives up after 34 s, of which a quiet one needs two. */
async function inTime(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries++) {
    const answer = await ask()
    if (answer.status !== 504 || tries === 3) return answer
  }
}
