import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { stableAnnotation } from '../../../shared/routing/record/record.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { plainView, service, target, version } from './pods-of.ts'

/** A canary in progress: v1 is stable, and the versions have so many pods, of which so many are ready. */
const inProgress = (v1: readonly [number, number], v2: readonly [number, number]): ClusterView => {
  const { metadata, ...rest } = service()
  return plainView([
    { ...rest, metadata: { ...metadata, annotations: { [stableAnnotation]: 'v1' } } },
    version('v1', ...v1),
    version('v2', ...v2),
  ])
}

const podsIn = (object: KubeObject | undefined): number =>
  Number(fieldsOf(Reflect.get(object ?? {}, 'spec'))['replicas'] ?? 0)

/** What a plan waits for before it takes pods away. */
function waitedFor({ steps, lacking }: Plan, view: ClusterView): readonly (string | undefined)[] {
  const fewer = steps.find(({ change: { before, after } }) => podsIn(before) > podsIn(after))
  assert.equal(fewer?.waits, 'pods')
  return (lacking?.(view) ?? []).map(({ version: name }) => name)
}

test('a promotion that adds no pods waits for those of the version, before it takes the last of stable', () => {
  const broken = inProgress([1, 1], [1, 0])
  const plan = planPromote(broken, { target, version: 'v2', force: true })
  assert.deepEqual(waitedFor(plan, broken), ['v2'])
  // As many as both have had.
  assert.deepEqual(waitedFor(plan, inProgress([1, 1], [2, 2])), [])
})

test('an abort waits for a pod of stable, before it takes those of the version', () => {
  const broken = inProgress([1, 0], [1, 1])
  const plan = planAbort(broken, { target, force: false })
  assert.deepEqual(waitedFor(plan, broken), ['v1'])
  assert.deepEqual(waitedFor(plan, inProgress([1, 1], [1, 1])), [])
})
