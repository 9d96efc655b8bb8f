import { keyOf } from '../objects/kube-object.ts'
import { overlay } from '../view/overlay.ts'
import { changedRef, merged, type Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { RoutedService } from '../routing/istio/routed-service.ts'
import { coverageOf } from './tell/coverage.ts'
import { managersOf } from './tell/managers.ts'
import { peopleOf } from './tell/people.ts'
import type { Plan } from './plan.ts'

export interface Draft {
  readonly title: string
  readonly service: RoutedService
  readonly changes: readonly Change[]
  readonly notes?: readonly string[]
}

/** A plan from its changes: those that change nothing are left out, and what people get is read from the view as it will be. */
export function finish(view: ClusterView, { title, service, changes, notes = [] }: Draft): Plan {
  const real = merged(changes).filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
  const after = overlay(view, real)
  const objects = new Map(changes.flatMap(change => change.after === undefined ? [] : [[keyOf(changedRef(change)), change.after]]))
  return { title, people: peopleOf(after, service), changes: real, objects: [...objects.values()], notes: [...new Set([...notes, ...coverageOf(after, service), ...managersOf(real)])] }
}
