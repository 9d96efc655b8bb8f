import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatNote } from '../../../plugin/print/notes.ts'
import type { HorizontalPodAutoscaler } from '../../../shared/objects/autoscaling.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { apply, target as onFiles, weights } from '../intents.ts'
import { deepFreeze, destinationRule, inMesh, namespace, service, toSubset } from '../worlds.ts'

const target = { ...onFiles, command: 'promote v2', live: true }
const workload = (
  version: string,
  ready: number,
  { wanted = ready, kind = 'Deployment' } = {},
): KubeObject => {
  const labels = { app: 'catalog', version }
  return deepFreeze({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: `catalog-${version}`, namespace },
    spec: { replicas: wanted, selector: { matchLabels: labels }, template: { metadata: { labels } } },
    status: { readyReplicas: ready },
  } as unknown as KubeObject)
}
const autoscaler = (minReplicas: number, maxReplicas: number): HorizontalPodAutoscaler =>
  deepFreeze({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'catalog-v2', namespace },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'catalog-v2' }, minReplicas, maxReplicas },
  })
const world = (
  v1: number,
  v2: number | KubeObject,
  {
    more = [],
    route = toSubset('version-v1'),
  }: { readonly more?: readonly KubeObject[]; readonly route?: object } = {},
): ClusterView =>
  snapshot([
    service(),
    workload('v1', v1),
    typeof v2 === 'number' ? workload('v2', v2) : v2,
    destinationRule('v1', 'v2'),
    inMesh(route),
    ...more,
  ])
const weigh = (view: ClusterView, percent: number): Plan =>
  planWeight(view, { ...weights(['v2', percent]), target, stable: 'v1' })
const promote = (view: ClusterView, force = false): Plan =>
  planPromote(view, { target, version: 'v2', force })
const shortages = ({ notes }: Plan): readonly string[] =>
  notes.flatMap(note => (note.kind === 'too-few-pods' ? [formatNote(note)] : []))
function refusal(run: () => unknown): CanaryError {
  try {
    run()
  } catch (error) {
    if (error instanceof CanaryError) return error
    throw error
  }
  throw new TypeError('nothing was refused')
}

describe('a share for which a version has too few ready pods', () => {
  it('is set with a warning that has both numbers and what it needs', () => {
    assert.deepEqual(shortages(weigh(world(10, 1), 50)), [
      'Version v2 of catalog gets 50 % of the requests and has 1 ready pod; v1 has 10 now, so this share needs 5.',
    ])
  })
  it('is told from one for which it has enough, however many there are', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100 }),
        (v1, v2, percent) => {
          const isShort = shortages(weigh(world(v1, v2), percent)).length > 0
          assert.equal(isShort, v2 * 100 < v1 * percent && v2 < Math.ceil((v1 * percent) / 100))
        },
      ),
      { numRuns: 100 },
    )
  })
  it('is measured by the version that has the requests now, also on the way back', () => {
    const all = apply(world(2, 10), weigh(world(2, 10), 100))
    for (const plan of [weigh(all, 10), planAbort(all, { target })])
      assert.match(shortages(plan).join(), /Version v1 .* has 2 ready pods; v2 has 10 now/)
  })
  it('is said once: not for a share that it has already, nor for a smaller one', () => {
    const half = apply(world(10, 1), weigh(world(10, 1), 50))
    assert.deepEqual(shortages(weigh(half, 50)), [])
    assert.deepEqual(shortages(weigh(half, 40)), [])
    assert.equal(shortages(weigh(half, 60)).length, 1)
  })
  it('is not judged on files, where nothing says which pods are ready, nor where workloads cannot be read', () => {
    const view = world(10, 1)
    assert.deepEqual(shortages(planWeight(view, { ...weights(['v2', 50]), stable: 'v1' })), [])
    assert.equal(planPromote(view, { target: onFiles, version: 'v2', force: false }).changes.length, 1)
    const objects = [service(), destinationRule('v1', 'v2'), inMesh()]
    const blind = snapshot(objects, { unread: new Set(['Deployment'] as const) })
    assert.deepEqual(shortages(weigh(blind, 50)), [])
  })
  it('has an autoscaler that adds pods only later, which is said', () => {
    const view = world(10, 1, { more: [autoscaler(1, 8)] })
    assert.match(shortages(weigh(view, 50)).join(), /HorizontalPodAutoscaler .* up to 8\.$/)
  })
})

describe('a promotion', () => {
  it('is refused below what stable has, with the command that scales the version', () => {
    const error = refusal(() => promote(world(10, 1)))
    assert.equal(error.code, 'refused')
    assert.match(error.message, /v2 of catalog has 1 ready pod, and v1, .*, has 10$/)
    assert.deepEqual(error.hints, [
      'Scale it first: kubectl scale deployment catalog-v2 -n istioinaction --replicas=10',
      'Or give it all requests now: kubectl canary promote v2 --force',
    ])
    assert.equal(promote(world(10, 10)).changes.length, 1)
    assert.equal(promote(world(0, 1)).changes.length, 1)
  })
  it('waits for pods that are asked for already', () => {
    const [hint] = refusal(() => promote(world(10, workload('v2', 1, { wanted: 10 })))).hints
    assert.equal(hint, 'Wait for its pods: kubectl get pods -n istioinaction -w')
    const [other] = refusal(() => promote(world(10, workload('v2', 1, { kind: 'DaemonSet' })))).hints
    assert.match(other!, /^Wait for its pods/)
  })
  it('raises the bounds of an autoscaler, which would undo a scaling', () => {
    const patch = (min: number, max: number): string =>
      refusal(() => promote(world(10, 1, { more: [autoscaler(min, max)] }))).hints[0]!
    assert.match(
      patch(1, 20),
      /kubectl patch horizontalpodautoscaler catalog-v2 .*'{"spec":{"minReplicas":10}}'$/,
    )
    assert.match(patch(1, 3), /'{"spec":{"minReplicas":10,"maxReplicas":10}}'$/)
  })
  it('goes on with --force and says what it lacks', () => {
    const plan = promote(world(10, 1), true)
    assert.equal(plan.changes.length, 1)
    assert.match(shortages(plan).join(), /needs 10\.$/)
  })
  it('of a version that has everything already is not refused', () => {
    const all = apply(world(10, 1), weigh(world(10, 1), 100))
    assert.deepEqual(shortages(promote(all)), [])
  })
  it('is measured by the other version where routes name none', () => {
    const route = { route: [{ destination: { host: 'catalog' } }] }
    assert.equal(refusal(() => promote(world(10, 1, { route }))).code, 'refused')
    assert.equal(promote(world(1, 10, { route })).changes.length, 1)
  })
})
