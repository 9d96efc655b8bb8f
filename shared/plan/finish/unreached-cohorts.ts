import { keyOf } from '../../objects/kube-object.ts'
import type { Condition } from '../../routing/condition.ts'
import { covers } from '../../routing/covers.ts'
import { anything } from '../../routing/match.ts'
import { narrow } from '../../routing/narrow.ts'
import type { Note } from '../../routing/note.ts'
import type { CohortRoute, EntryPoint } from '../../routing/traffic.ts'
import type { CohortIntent } from '../intent.ts'
import type { PlanTraffic } from '../plan.ts'

/**
 * The cohorts that get no request where they have routes: the one that is set, and those that had requests
 * before. With the command that puts the one that is set first, where both then get some.
 */
export function unreachedNotes(
  { before, after }: PlanTraffic,
  { target, name, before: first }: CohortIntent,
): readonly Note[] {
  const had = new Set(
    before.entryPoints.flatMap(({ cohorts }) =>
      cohorts.filter(({ reached }) => reached).map(cohort => cohort.name),
    ),
  )
  const unreached = after.entryPoints
    .filter(({ idle }) => idle === undefined)
    .flatMap(({ ref, cohorts }) =>
      cohorts
        .filter(cohort => !cohort.reached && (cohort.name === name || had.has(cohort.name)))
        .map(cohort => ({ ref, cohort: cohort.name, by: takenBy(cohort, cohorts) })),
    )
  const alike = Map.groupBy(unreached, ({ ref, cohort, by }) =>
    [ref.kind, cohort, by?.name ?? '', String(by?.isWider)].join(' '),
  )
  return [...alike.values()].map((places): Note => {
    const { cohort, by } = places[0]!
    const isMovable = cohort === name && first === undefined && by?.isWider === true
    return {
      kind: 'cohort-not-reached',
      cohort,
      objects: [...new Map(places.map(({ ref }) => [keyOf(ref), ref])).values()],
      ...(by !== undefined && { by: by.name }),
      ...(isMovable && { again: `kubectl canary ${target.command} --before ${by.name}` }),
    }
  })
}

/** The first cohort that takes all requests of a later one, and whether it takes others, too. */
function takenBy(
  cohort: CohortRoute,
  cohorts: EntryPoint['cohorts'],
): { readonly name: string; readonly isWider: boolean } | undefined {
  const all = (conditions: readonly Condition[]) => narrow(anything, conditions)
  const own = all(cohort.conditions)
  const earlier = cohorts.slice(0, cohorts.indexOf(cohort))
  const found = earlier.find(({ conditions }) => covers(all(conditions), own))
  return found && { name: found.name, isWider: !covers(own, all(found.conditions)) }
}
