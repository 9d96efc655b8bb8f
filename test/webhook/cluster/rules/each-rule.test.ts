import assert from 'node:assert/strict'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../../shared/objects/kube-object.ts'
import { kindOf, refOf } from '../../../../shared/objects/kinds.ts'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { describedRules } from '../../../../shared/rules/described.ts'
import { lintView } from '../../../../shared/rules/introduced.ts'
import { formatPath, type AnyRule, type Finding } from '../../../../shared/rules/rule.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { examples } from '../../../rules/examples.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { until, type Cluster, type Outcome } from '../../../cluster/cluster.ts'
import { re2FaultsOfOne } from '../../../../webhook/cache/re2-fault.ts'
import { guarded, type Guarded } from '../guarded.ts'
import { blocksOf, edited, stepsOf } from './denial.ts'
import { follow } from './follow.ts'
import { seen } from './seen.ts'
import { worldIn } from './world-in.ts'

const re2Fault = re2FaultsOfOne()
const real = clusterTests({ crds: ['istio', 'gateway-api'] })
const nameOf = ({ id, subject }: AnyRule): string => `${id} ${subject}`

/** Where the API server hears another word than the rule's own severity, and why. */
const exceptions: Readonly<
  Record<string, { readonly said: 'error' | 'warning' | 'nothing' | RegExp; readonly why: string }>
> = {
  'unexpanded-host DestinationRule': {
    said: 'warning',
    why: 'a DestinationRule that is for nobody breaks no route',
  },
  'subset-hidden-from-clients VirtualService': {
    said: 'error',
    why: "Istio's own route served the clients who do not see the subset",
  },
  'missing-version-label ReplicaSet': {
    said: 'nothing',
    why: 'the guard is not asked about ReplicaSets, which are made at run time',
  },
  'missing-version-label Pod': {
    said: 'nothing',
    why: 'the guard is not asked about Pods, which are made at run time',
  },
  'missing-version-label ReplicationController': {
    said: 'nothing',
    why: 'the guard is not asked about ReplicationControllers',
  },
  ...Object.fromEntries(
    ['Rollout', 'DeploymentConfig', 'CloneSet', 'StatefulSet.apps.kruise.io', 'DaemonSet.apps.kruise.io'].map(
      kind => [
        `missing-version-label ${kind}`,
        {
          said: new RegExp(`no matches for kind "${kind.split('.')[0]}"`),
          why: 'this cluster does not serve the kind',
        },
      ],
    ),
  ),
  'unknown-namespace ServiceEntry': {
    said: 'nothing',
    why: 'the guard is not asked about ServiceEntries',
  },
  ...Object.fromEntries(
    ['HTTPRoute', 'GRPCRoute', 'ReferenceGrant'].map(kind => [
      `gateway-api-rejects ${kind}`,
      {
        said: new RegExp(`^The ${kind} "cart" is invalid: `),
        why: 'the schema of the kind says so before anybody is asked',
      },
    ]),
  ),
  ...Object.fromEntries(
    ['HTTPRoute', 'GRPCRoute'].map(kind => [
      `unnamed-port ${kind}`,
      { said: 'warning' as const, why: 'most meshes detect the protocol' },
    ]),
  ),
  ...Object.fromEntries(
    ['Gateway', 'ServiceEntry', 'Sidecar', 'WorkloadEntry', 'WorkloadGroup'].map(kind => [
      `istio-rejects ${kind}`,
      {
        said: new RegExp(`^The ${kind} "x" is invalid: `),
        why: 'the schema of the kind says so before anybody is asked, and the guard is not',
      },
    ]),
  ),
}

/** What holds in a file of its own, and what breaks a rule there, where a whole cluster makes another world of it. */
const instead: Readonly<Record<string, string>> = {
  // On port 80, routes for hosts that nobody provides apply as soon as any Service of the mesh listens there.
  'applies-nowhere VirtualService':
    '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: {http: [{route: [{destination: {host: cart}}]}]}}',
}
/** Where the fix is in another namespace: the writer is told so, and gets no command for it. */
const othersFix: ReadonlySet<string> = new Set(['subset-hidden-from-clients VirtualService'])

/** What istio-rejects names is the field to change; the message says what Istio takes there, and a person chooses. */
const chosen: readonly {
  readonly fault: object
  readonly path: string
  readonly says: RegExp
  readonly value: unknown
}[] = [
  {
    fault: { hosts: ['cart'] },
    path: 'spec',
    says: /needs http, tcp or tls routes/,
    value: { hosts: ['cart'], http: [{ route: [{ destination: { host: 'cart' } }] }] },
  },
  {
    fault: {
      hosts: ['cart'],
      http: [{ route: [{ destination: { host: 'cart', port: { number: 70_000 } } }] }],
    },
    path: 'spec.http[0].route[0].destination.port.number',
    says: /1 to 65535/,
    value: 80,
  },
  {
    fault: {
      hosts: ['cart'],
      http: [{ match: [{ uri: { regex: '(' } }], route: [{ destination: { host: 'cart' } }] }],
    },
    path: 'spec.http[0].match[0].uri.regex',
    says: /RE2/,
    value: '.*',
  },
  {
    fault: { hosts: ['cart'], exportTo: ['*', '.'], http: [{ route: [{ destination: { host: 'cart' } }] }] },
    path: 'spec.exportTo',
    says: /must be the only entry/,
    value: ['.'],
  },
]

interface SentObjects {
  /** What was there before. */
  readonly base: readonly KubeObject[]
  /** What breaks the rule, or would break it. */
  readonly change: KubeObject
}

/** A world as somebody builds it up: all that is fine first, then the object that the finding is on. */
function inOrder(objects: readonly KubeObject[], rule: AnyRule, on: string | undefined): SentObjects {
  const change = objects.findLast(
    object => kindOf(object) === rule.subject && (on === undefined || object.metadata.name === on),
  )!
  return { base: objects.filter(object => object !== change), change }
}

const findingsIn = (rule: AnyRule, objects: readonly KubeObject[]): readonly Finding[] =>
  lintView(
    { rules: [rule], settings: { complete: true, relativeWeights: false, now: Date.now(), re2Fault } },
    snapshot(objects),
  )

async function sent(cluster: Cluster, guard: Guarded, { base, change }: SentObjects): Promise<Outcome> {
  // All at once, in this order.
  if (base.length > 0) await cluster.apply(base.map(object => JSON.stringify(object)).join('\n---\n'))
  await seen(guard, base)
  return cluster.applied(change)
}

type ExpectedFindings = 'error' | 'warning' | 'info' | 'nothing' | RegExp

const severities = new Map(describedRules(guardedRules).map(({ id, severity }) => [id, severity.webhook]))

/** What the API server says to what breaks a rule. */
const expectedOf = (rule: AnyRule): ExpectedFindings =>
  exceptions[nameOf(rule)]?.said ?? severities.get(rule.id)!

function titleOf(rule: AnyRule): string {
  const expected = expectedOf(rule)
  if (expected instanceof RegExp) return 'the API server itself refuses what breaks it'
  if (expected === 'nothing') return 'what breaks it gets no word'
  if (expected !== 'error') return 'what breaks it gets a warning'
  if (othersFix.has(nameOf(rule)))
    return 'what breaks it is refused, and the namespace is named whose owners can fix it'
  return rule.id === 'istio-rejects'
    ? 'what breaks it is refused'
    : 'what breaks it is refused, and the fix that is named, followed to the letter, succeeds'
}

async function checkTaken(cluster: Cluster, guard: Guarded, rule: AnyRule): Promise<void> {
  const { holds, on } = examples[nameOf(rule)]!
  const { code, stderr } = await sent(cluster, guard, inOrder(await worldIn(cluster, holds), rule, on))
  assert.deepEqual([code, stderr.includes(rule.id)], [0, false], stderr)
}

async function checkBroken(cluster: Cluster, guard: Guarded, rule: AnyRule): Promise<void> {
  const { violates, on } = examples[nameOf(rule)]!
  const objects = await worldIn(cluster, instead[nameOf(rule)] ?? violates)
  const order = inOrder(objects, rule, on)
  const [finding] = findingsIn(rule, objects)
  const { code, stderr } = await sent(cluster, guard, order)
  const ref = keyOf(finding!.ref)
  const expected = expectedOf(rule)
  if (expected === 'nothing') return assert.deepEqual([code, stderr], [0, ''])
  if (expected === 'warning')
    return assert.deepEqual(
      [
        code,
        stderr
          .split('\n')
          .some(line => line.startsWith(`Warning: ${rule.id}: `) && line.endsWith(` (${ref})`)),
      ],
      [0, true],
      stderr,
    )
  assert.equal(code, 1, stderr)
  if (expected instanceof RegExp) return assert.match(stderr, expected)
  assert.deepEqual(
    blocksOf(stderr).map(block => [block.rule, block.object, block.path])[0],
    [rule.id, ref, formatPath(finding!.path)],
    stderr,
  )
  assert.equal(keyOf(refOf(order.change)), ref)
  if (othersFix.has(nameOf(rule))) {
    assert.match(
      blocksOf(stderr)[0]!.fix.join(' '),
      /a change in namespace test-\S+, which its owners must make$/,
    )
    return assert.doesNotMatch(stderr, /kubectl/)
  }
  if (rule.id !== 'istio-rejects')
    assert.equal((await follow(cluster, order.change, 'edit')).rules[0], rule.id)
}

async function checkChosen(
  cluster: Cluster,
  guard: Guarded,
  { fault, path, says, value }: (typeof chosen)[number],
): Promise<void> {
  const [object] = await worldIn(
    cluster,
    `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: ${JSON.stringify(fault)}}`,
  )
  const { stderr } = await sent(cluster, guard, { base: [], change: object! })
  const [block] = blocksOf(stderr)
  assert.deepEqual([block?.rule, block?.path], ['istio-rejects', path], stderr)
  assert.match(stderr, says)
  assert.ok(block!.fix[0]!.includes(path), stderr)
  const change = edited(object!, { path: stepsOf(path), value })
  const { code, stderr: then } = await sent(cluster, guard, { base: [], change })
  assert.equal(code, 0, then)
}

/** The examples of one object with which each way to end is compared with that of a kubectl of its own. */
const compared: Readonly<Record<string, readonly [text: string, says: RegExp]>> = {
  'what is taken': [
    '{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}',
    /^$/,
  ],
  'what is refused': [
    examples['weights-sum-to-100 VirtualService']!.violates,
    /^Warning: .*\nError from server/,
  ],
  'what is warned of': [examples['expired-cohort VirtualService']!.violates, /^Warning: /],
}

async function checkSaid(
  cluster: Cluster,
  { guard: { cache } }: Guarded,
  [text, says]: readonly [string, RegExp],
): Promise<void> {
  const [object] = await worldIn(cluster, text)
  const outcome = await cluster.applied(object!)
  assert.match(outcome.stderr, says)
  const stdin = JSON.stringify(object)
  if (outcome.code === 0) {
    assert.equal((await cluster.kubectl(['delete', '-f', '-'], { stdin })).code, 0)
    await until('the guard has seen it go', async () => cache.view.get(refOf(object!)) === undefined)
  }
  assert.deepEqual(outcome, await cluster.kubectl(['apply', '-f', '-'], { stdin }))
}

real('each rule', async (cluster, context) => {
  await using guard = await guarded(cluster, { rules: guardedRules })
  for (const rule of guardedRules) {
    // What the cluster does not serve it does not take either.
    if (!(expectedOf(rule) instanceof RegExp && rule.id === 'missing-version-label'))
      await context.test(`${nameOf(rule)}: what holds is admitted`, () => checkTaken(cluster, guard, rule))
    await context.test(`${nameOf(rule)}: ${titleOf(rule)}`, () => checkBroken(cluster, guard, rule))
  }
  for (const each of chosen) {
    await context.test(
      `istio-rejects at ${each.path}: the field is named with what may be there, and once it is that, it is taken`,
      () => checkChosen(cluster, guard, each),
    )
  }
  for (const [what, example] of Object.entries(compared))
    await context.test(`${what} is said here as by kubectl`, () => checkSaid(cluster, guard, example))
})
