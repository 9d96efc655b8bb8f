import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { restore } from '../../../shared/plan/undo/restore.ts'
import { divide, exactTotal } from '../../../shared/providers/deployment/edit/replicas.ts'
import { revert, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { fc } from '../../properties.ts'
import { later, plainView, replicasIn, service, target, version } from './pods-of.ts'

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

test('pods are divided by the largest remainder, and every share has one at least', () => {
  const weights = fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }).filter(all => sumOf(all) > 0)
  fc.assert(
    fc.property(fc.nat(200), weights, (total, all) => {
      const counts = divide(
        total,
        all.map((weight, of) => ({ of, weight })),
      ).map(({ count }) => count)
      const parts = all.filter(weight => weight > 0).length
      const pods = Math.max(total, parts)
      assert.equal(sumOf(counts), pods)
      const quotas = all.map(weight => (weight * pods) / sumOf(all))
      for (const [i, weight] of all.entries())
        assert.ok(weight === 0 ? counts[i] === 0 : counts[i]! >= 1, counts.join())
      // Where nobody had to be given the one pod, no count is a whole pod away from its quota.
      if (quotas.every((quota, i) => all[i] === 0 || quota >= 1))
        for (const [i, quota] of quotas.entries()) assert.ok(Math.abs(counts[i]! - quota) < 1, counts.join())
    }),
  )
})

test('so many pods are exact for whole percentages, and no fewer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), percent => {
      const exact = exactTotal([percent, 100 - percent])
      const isExact = (pods: number): boolean => (pods * percent) % 100 === 0
      assert.ok(isExact(exact))
      for (let fewer = 1; fewer < exact; fewer++) assert.ok(!isExact(fewer))
    }),
  )
})

const weights = (percent: number) => new Map([['v2', percent]])

interface Verb {
  readonly name: 'weight' | 'promote' | 'abort'
  readonly percent: number
}

const planned = (view: ClusterView, { name, percent }: Verb) =>
  name === 'weight'
    ? planWeight(view, { target, weights: weights(percent), stable: 'v1', force: false })
    : name === 'promote'
      ? planPromote(view, { target, version: 'v2', force: false })
      : planAbort(view, { target, stable: 'v1' })

/** The fewest pods that are asked for after any of the writes. */
const fewestIn = (view: ClusterView, changes: readonly Change[]): number =>
  Math.min(...changes.map((_, i) => allPods(later(view, changes.slice(0, i + 1)))), allPods(view))

const allPods = (view: ClusterView): number => sumOf(Object.values(replicasIn(view)))

/** The replicas that a change adds to a Deployment, or takes away. */
const added = ({ before, after }: Change): number => {
  const [was, is] = [before, after].map(object =>
    object === undefined ? 0 : (Object.values(replicasIn(plainView([object])))[0] ?? 0),
  )
  return is! - was!
}

test('no step leaves fewer pods than before or after, and undo gives back what was there', () => {
  const verb = fc.record({
    name: fc.constantFrom('weight' as const, 'weight' as const, 'promote' as const, 'abort' as const),
    percent: fc.integer({ min: 0, max: 100 }),
  })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.nat(4),
      fc.array(verb, { minLength: 1, maxLength: 4 }),
      (stable, canary, verbs) => {
        const start = plainView([service(), version('v1', stable), version('v2', canary)])
        let view = start
        const made: Change[] = []
        for (const each of verbs) {
          const plan = planned(view, each)
          const steps = plan.steps.map(({ change }) => change)
          assert.ok(fewestIn(view, steps) >= Math.min(allPods(view), allPods(later(view, plan.changes))))
          const fewer = plan.steps.find(({ change }) => added(change) < 0)
          if (steps.some(change => added(change) > 0) && fewer !== undefined)
            assert.equal(fewer.waits, 'pods', 'pods are there before others go')
          made.push(...plan.changes)
          view = later(view, plan.changes)
          const { v1 = 0, v2 = 0 } = byVersion(view)
          assert.ok(v1 + v2 >= 1)
          if (each.name === 'weight' && each.percent < 100) assert.ok(v1 >= 1, 'stable has a pod')
          if (each.name === 'promote') assert.equal(v1, 0)
          if (each.name === 'abort') assert.equal(v2, 0)
        }
        const { changes, drift } = restore(view, made)
        assert.deepEqual(drift, [])
        assert.deepEqual(replicasIn(later(view, changes)), replicasIn(start))
        assert.deepEqual(
          later(view, changes).get({ kind: 'Service', namespace: 'shop', name: 'hello' }),
          service(),
        )
      },
    ),
  )
})

const byVersion = (view: ClusterView): { readonly v1?: number; readonly v2?: number } =>
  Object.fromEntries(
    Object.entries(replicasIn(view)).map(([name, count]) => [name.replace('hello-', ''), count]),
  )

test('an aborted canary leaves nothing but its own pods away', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 99 }), (stable, percent) => {
      const start = plainView([service(), version('v1', stable), version('v2', 0)])
      const weight = planned(start, { name: 'weight', percent })
      const view = later(start, weight.changes)
      const after = later(view, planned(view, { name: 'abort', percent }).changes)
      assert.deepEqual(replicasIn(after), replicasIn(start))
      assert.deepEqual(later(view, weight.changes.map(revert)).list('Service'), start.list('Service'))
      assert.deepEqual(after.list('Service'), start.list('Service'))
    }),
  )
})
