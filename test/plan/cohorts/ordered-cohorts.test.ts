import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CohortIntent } from '../../../shared/plan/intent.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { apply, code, cohortIntent, routeNamed, target } from '../intents.ts'
import { catalog } from '../worlds.ts'

const names = ['a', 'b', 'c'] as const
type Name = (typeof names)[number]

const start = snapshot(catalog())
const plan = (view: ClusterView, name: Name, more: Partial<CohortIntent> = {}) =>
  planCohort(
    view,
    cohortIntent(name, 'v2', { conditions: [{ on: 'header', name: `x-${name}`, match: {} }], ...more }),
  )
const set = (view: ClusterView, name: Name, before?: Name): ClusterView =>
  apply(view, plan(view, name, { before }))
/** The cohorts in the order in which their routes are asked. */
const order = (view: ClusterView): string =>
  routeNamed(view, 'catalog-mesh')
    .spec.http!.flatMap(({ name = '' }) => /^canary-catalog-(.)-1$/.exec(name)?.[1] ?? [])
    .join('')

describe('cohorts with an order', () => {
  it('come in the order in which they were set, unless one is to go before another', () => {
    const view = set(set(start, 'a'), 'b')
    assert.equal(order(view), 'ab')
    assert.equal(order(set(view, 'c')), 'abc')
    assert.equal(order(set(view, 'c', 'a')), 'cab')
    assert.equal(order(set(view, 'c', 'b')), 'acb')
    assert.equal(order(set(view, 'b', 'a')), 'ba')
  })
  it('keep their place when they are set again, and are not moved where they are before the other already', () => {
    const view = set(set(set(start, 'a'), 'b'), 'c', 'b')
    assert.equal(order(view), 'acb')
    for (const before of [undefined, 'c', 'b'] as const)
      assert.deepEqual(plan(view, 'a', { before }).changes, [])
    assert.equal(order(set(view, 'c')), 'acb')
  })
  it('are not put before one that is not there', () => {
    assert.equal(
      code(() => set(start, 'a', 'b')),
      'not-found',
    )
    assert.equal(
      code(() => set(set(start, 'a'), 'a', 'a')),
      'none',
    )
  })
  it('are recorded in their order, and leave nothing whatever it was', () => {
    const step = fc.tuple(fc.constantFrom(...names), fc.option(fc.constantFrom(...names), { nil: undefined }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), steps => {
        const view = steps.reduce<ClusterView>((before, [name, other]) => {
          const isThere = other !== undefined && other !== name && order(before).includes(other)
          return set(before, name, isThere ? other : undefined)
        }, start)
        const plans = plan(view, 'a')
        const cohorts = plans.traffic!.before.entryPoints[0]!.cohorts.map(({ name }) => name)
        assert.equal(cohorts.join(''), order(view))
        const bare = names.reduce<ClusterView>(
          (left, name) => apply(left, planRemoveCohort(left, { target, name })),
          view,
        )
        assert.deepEqual(bare.list('VirtualService'), start.list('VirtualService'))
      }),
      { numRuns: 40 },
    )
  })
})

describe('a cohort that gets no request', () => {
  const cohort = (
    view: ClusterView,
    name: Name,
    { match = {}, before }: { readonly match?: object; readonly before?: Name } = {},
  ) => plan(view, name, { conditions: [{ on: 'header', name: 'x-team', match }], before })
  const unreached = ({ notes }: ReturnType<typeof plan>) =>
    notes.flatMap(note =>
      note.kind === 'cohort-not-reached'
        ? [
            [
              note.cohort,
              note.by,
              note.objects.map(({ name }) => name).join(),
              note.again?.replace(/.* (?=--before)/, ''),
            ],
          ]
        : [],
    )
  const wide = apply(start, cohort(start, 'a'))
  const both = 'catalog-mesh,catalog-vs-from-gw'
  it('is named with the one that takes its requests, and goes first by the command that is told', () => {
    const narrow = cohort(wide, 'b', { match: { exact: 'one' } })
    assert.deepEqual(unreached(narrow), [['b', 'a', both, '--before a']])
    assert.deepEqual(unreached(cohort(wide, 'b', { match: { exact: 'one' }, before: 'a' })), [])
    assert.deepEqual(
      unreached(cohort(apply(wide, narrow), 'b', { match: { exact: 'one' }, before: 'a' })),
      [],
    )
  })
  it('is not moved before one that would then get none, and that one is named where it is', () => {
    assert.deepEqual(unreached(cohort(wide, 'b')), [['b', 'a', both, undefined]])
    assert.deepEqual(unreached(cohort(wide, 'b', { before: 'a' })), [['a', 'b', both, undefined]])
  })
  it('is not said of one that gets some', () =>
    assert.deepEqual(
      unreached(cohort(apply(start, cohort(start, 'a', { match: { exact: 'one' } })), 'b')),
      [],
    ))
})
