import assert from 'node:assert/strict'
import test from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { defaultCondition, type Condition } from '../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { crowdedWorld } from './crowded.ts'
import { askedIn, placesThatDo } from './places.ts'
import { conditions } from './requests.ts'
import { carriedOut, cohort, viewAfter, type Verb } from './verbs.ts'
import { world } from './worlds.ts'

/** Why a cohort has no place; undefined where it is carried out, or refused for another reason. */
function withoutPlace(view: ClusterView, verb: Verb): string | undefined {
  try {
    verb(view)
    return undefined
  } catch (error) {
    assert.ok(error instanceof CanaryError, String(error))
    return /cannot be placed|would get no requests/.test(error.message) ? error.message : undefined
  }
}

/**
 * Whether only a copy in a root could do: Istio ignores the labels of callers in a delegate's route under a
 * block that names gateways, and no copy is written into a root (docs/decisions/0006).
 */
const isForRoots = (view: ClusterView, said: readonly Condition[]): boolean =>
  said.some(({ on }) => on === 'source-label')
  && view
    .list('VirtualService')
    .flatMap(({ spec }) => spec.http ?? [])
    .some(
      ({ delegate, match = [] }) =>
        delegate !== undefined && match.some(({ gateways }) => gateways !== undefined),
    )

/** Fails where a cohort is refused for want of a place, and there are places that do what it says. */
function isNotNeedless(view: ClusterView, said: readonly Condition[]): void {
  const why = withoutPlace(view, cohort(said))
  if (why === undefined || isForRoots(view, said)) return
  const asked = askedIn(view, said.length > 0 ? said : [defaultCondition('internal')])
  if (asked.due.size === 0) return
  const places = placesThatDo(asked)
  assert.ok(places === undefined, `${why}: ${places?.map(({ says }) => says).join('; ')}`)
}

for (const [title, worlds, numRuns] of [
  ['', world, 60],
  [' where most VirtualServices of a gateway take everything', crowdedWorld, 60],
] as const)
  test(`a cohort is refused for want of a place only where there is none${title}`, () => {
    fc.assert(
      fc.property(worlds, conditions, (objects, said) => isNotNeedless(sessionOf(snapshot(objects)), said)),
      { numRuns },
    )
  })

test('a second cohort is refused for want of a place only where there is none', () => {
  fc.assert(
    fc.property(crowdedWorld, conditions, conditions, (objects, first, second) => {
      const view = sessionOf(snapshot(objects))
      const plan = carriedOut(view, cohort(first, 'beta'))
      if (plan !== undefined) isNotNeedless(viewAfter(view, plan), second)
    }),
    { numRuns: 60 },
  )
})
