import { delegatedRoutes, type BrokenDelegate } from '../../providers/istio/resolve/delegates.ts'
import type { Rule } from '../rule.ts'

const why: Readonly<Record<BrokenDelegate['reason'], string>> = {
  missing: 'does not exist',
  'has-hosts': 'has hosts of its own, and so is no delegate',
  'not-exported': 'is not exported to this namespace',
  conflict: 'has routes whose conditions do not lie within those of this route, and these are dropped',
}

/** Istio drops such a route, or part of it, without a word. */
export const brokenDelegate: Rule<'VirtualService'> = {
  id: 'broken-delegate',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    "A VirtualService that is delegated to exists, has no hosts, is exported to the root's namespace, and asks for no more than the root's route does.",
  fix: "Create the delegate without `hosts`, export it to the root's namespace, and keep its matches within the root's.",
  subject: 'VirtualService',
  reads: ['VirtualService'],
  *check(view, subject) {
    for (const { route, reason } of delegatedRoutes(view, subject).broken) {
      const { namespace, name } = route.delegate!
      yield {
        path: [...route.place, 'delegate'],
        message: `the delegate ${namespace}/${name} ${why[reason]}`,
        about: `${namespace}/${name} ${reason}`,
        absent: 'other',
        restsOn: [{ kind: 'VirtualService', namespace, name }],
      }
    }
  },
}
