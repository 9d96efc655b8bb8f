import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { Share } from '../../../../routing/traffic.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { formatClient } from '../../resolve/clients.ts'
import type { DestinationOutcome, Reference } from '../../resolve/evaluate.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { diagnosesOf } from './diagnoses.ts'
import { unknownAt } from '../../resolve/unknown-target.ts'
import { emptinessOf } from './emptiness.ts'

/** A destination as one entry reads it. */
export interface ReadReference {
  readonly root: VirtualService
  readonly reference: Reference
}

interface Failing {
  readonly outcome: DestinationOutcome
  readonly rule: string
}

/**
 * What is wrong with a destination for those whose requests reach it: the rule that says so, and the callers
 * where it is not all; or what the files leave open.
 */
export function faultOf(
  view: ClusterView,
  references: readonly ReadReference[],
  completeness: Completeness,
): Pick<Share, 'fault' | 'failsFor' | 'unknown'> {
  const active = references.filter(({ reference: { idle } }) => idle === undefined)
  const failing = active.flatMap(each => failingOf(view, each, completeness))
  const [first] = failing
  if (first === undefined) return {}
  const open = active.flatMap(({ reference }) => unknownAt(view, reference, completeness) ?? [])
  if (open.length === active.length) return { unknown: open[0]! }
  const all = active.reduce((sum, { reference: { outcomes } }) => sum + outcomes.length, 0)
  if (failing.length >= all) return { fault: first.rule }
  const callers = [...new Set(failing.map(({ outcome: { client } }) => formatClient(client)))]
  return { failsFor: { callers, rule: first.rule } }
}

function failingOf(
  view: ClusterView,
  { root, reference }: ReadReference,
  completeness: Completeness,
): readonly Failing[] {
  const diagnosis = diagnosesOf(view, root, completeness).find(each => each.reference === reference)
  const emptiness = emptinessOf(reference, completeness)
  return [
    ...(diagnosis?.failing ?? []).map(outcome => ({ outcome, rule: diagnosis!.fault })),
    ...(emptiness?.empty ?? []).map(({ outcome }) => ({ outcome, rule: 'subset-matches-no-workload' })),
  ]
}
