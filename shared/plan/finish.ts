import { keyOf } from '../objects/kube-object.ts'
import { overlay } from '../view/overlay.ts'
import { changedRef, merged, type Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { RoutedService } from '../providers/istio/read/routed-service.ts'
import { coverageOf } from './tell/coverage.ts'
import { managersOf } from './tell/managers.ts'
import { peopleOf } from './tell/people.ts'
import type { Plan } from './plan.ts'
import { trafficOf } from './read-traffic.ts'
import { requireReady, type Receivers } from './target/ready.ts'

export interface Draft {
  readonly title: string
  readonly service: RoutedService
  readonly changes: readonly Change[]
  readonly notes?: readonly string[]
  /** Who must be ready, as far as the changes send them more than they have. */
  readonly receivers?: Receivers
}

/** A plan from its changes: those that change nothing are left out, and what people get is read from the view as it will be. Throws a CanaryError `refused` where a receiver is not ready. */
export function finish(view: ClusterView, { title, service, changes, notes = [], receivers }: Draft): Plan {
  const real = merged(changes).filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
  const after = overlay(view, real)
  if (receivers !== undefined && real.length > 0)
    requireReady(view, receivers, {
      service,
      before: trafficOf(view, service),
      after: trafficOf(after, service),
    })
  const objects = new Map(
    changes.flatMap(change =>
      change.after === undefined ? [] : [[keyOf(changedRef(change)), change.after]],
    ),
  )
  return {
    title,
    people: peopleOf(after, service),
    changes: real,
    objects: [...objects.values()],
    notes: [...new Set([...notes, ...coverageOf(after, service), ...managersOf(real)])],
  }
}
