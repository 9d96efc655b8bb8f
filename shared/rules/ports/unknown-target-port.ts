import type { Service } from '../../objects/core.ts'
import { isOpen } from '../../providers/istio/resolve/outcome.ts'
import { evaluate, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  leadsByName,
  lostTargetOf,
  unknownTargetRule,
  type LostTarget,
} from '../facts/backends/lost-target.ts'
import { aboutReference, pathOf, routingNeeds, routingReads, writtenIn } from '../facts/destinations.ts'
import { labelsOfSubset } from '../facts/lost-selection.ts'
import { delegateTold, rulesTold } from '../facts/tells.ts'
import type { Rule } from '../rule.ts'

/** All requests of the destination fail: its addresses are listed without the port. */
export const unknownTargetPort: Rule<'VirtualService'> = {
  ...unknownTargetRule,
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const reference of evaluate(view, subject, settings).references) {
      const lost = reference.idle === undefined ? lostBehind(view, reference) : undefined
      if (lost === undefined) continue
      yield {
        ...lost,
        path: pathOf(reference, 'host'),
        ...writtenIn(reference, 'host'),
        about: aboutReference(reference),
        tells: [...lost.tells, ...delegateTold(reference), ...rulesTold(reference.outcomes)],
      }
    }
  },
}

/** The first port of a destination, of those that its callers use, that leads nowhere. */
function lostBehind(view: ClusterView, reference: Reference): LostTarget | undefined {
  let byNumber: HostProvider | undefined
  for (const outcome of reference.outcomes) {
    const { found, provider, port, client } = outcome
    if (found !== 'cluster' || provider === byNumber || provider?.ref.kind !== 'Service') continue
    const service = view.get(provider.ref) as Service | undefined
    if (service === undefined || !leadsByName(service)) {
      byNumber = provider
      continue
    }
    if (isOpen(provider, client)) continue
    const lost = lostTargetOf(view, service, { port, labels: labelsOfSubset(reference, outcome) })
    if (lost !== undefined) return lost
  }
  return undefined
}
