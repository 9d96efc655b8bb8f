import { keyOf } from '../objects/kube-object.ts'
import { outOfForce } from '../providers/istio/read/coverage.ts'
import { readService, type ServiceReading } from '../providers/istio/read/reading.ts'
import { trafficOf } from '../providers/istio/read/traffic.ts'
import { overlay } from '../view/overlay.ts'
import { changedRef, merged, type Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { Plan } from './plan.ts'
import { requireAnswered } from './target/answered.ts'
import { requireReady, type Receivers } from './target/ready.ts'
import { managersOf } from './tell/managers.ts'
import { peopleOf } from './tell/people.ts'

export interface Draft {
  readonly title: string
  readonly changes: readonly Change[]
  readonly notes?: readonly string[]
  /** The view with the changes, where it was made already. */
  readonly laterView?: ClusterView
  /** Who must be ready, as far as the changes send them more than they have. */
  readonly receivers?: Receivers
}

/**
 * A plan from its changes: those that change nothing are left out, and what people get is read from the view
 * as it will be. Throws a CanaryError `refused` where a receiver is not ready, or requests would be answered
 * with 503.
 */
export function finish(
  reading: ServiceReading,
  { title, changes, notes = [], receivers, laterView }: Draft,
): Plan {
  const { view, service } = reading
  const real = merged(changes).filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
  const later = real.length === 0 ? reading : readService(laterView ?? overlay(view, real), service, reading)
  const traffic = trafficOf(later)
  const before = () => trafficOf(reading)
  if (real.length > 0 && receivers?.force !== true) requireAnswered({ later, before, after: traffic })
  if (real.length > 0 && receivers !== undefined) requireReady(receivers, { reading, before, after: traffic })
  const objects = new Map(
    changes.flatMap(change =>
      change.after === undefined ? [] : [[keyOf(changedRef(change)), change.after]],
    ),
  )
  return {
    title,
    people: peopleOf(traffic),
    changes: real,
    objects: [...objects.values()],
    notes: [...new Set([...notes, ...traffic.notes, ...outOfForce(later), ...managersOf(real)])],
  }
}
