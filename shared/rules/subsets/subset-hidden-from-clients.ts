import {
  aboutReference,
  formatClients,
  groundsOf,
  nameOf,
  pathOf,
  routingNeeds,
  routingReads,
} from '../destinations.ts'
import { diagnosesOf } from '../../providers/istio/read/diagnoses.ts'
import type { Rule } from '../rule.ts'

/** Clients differ in the DestinationRule that they apply: their own namespace's hides all others, and exportTo hides the rest. */
export const subsetHiddenFromClients: Rule<'VirtualService'> = {
  id: 'subset-hidden-from-clients',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A subset that a route uses is defined for all the namespaces whose clients take the route.',
  remedy:
    'Define the subset in the DestinationRule that those clients apply, export the rule that has it to them, or export the VirtualService only to the others.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const { fault, reference, failing } of diagnosesOf(view, subject, settings)) {
      if (fault !== 'subset-hidden-from-clients') continue
      const rule = failing.find(outcome => outcome.rule !== undefined)?.rule
      const why =
        rule === undefined
          ? ''
          : `: DestinationRule ${rule.namespace}/${rule.from[0]!.metadata.name} applies there and lacks it`
      yield {
        path: pathOf(reference, 'subset'),
        message: `clients in ${formatClients(failing)} do not see ${nameOf(reference)}${why}`,
        about: aboutReference(reference),
        absent: 'subset',
        restsOn: groundsOf(view, reference),
      }
    }
  },
}
