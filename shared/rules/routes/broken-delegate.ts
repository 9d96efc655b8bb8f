import { delegatedRoutes, type BrokenDelegate } from '../../providers/istio/resolve/delegates.ts'
import type { Rule } from '../rule.ts'

const why: Readonly<Record<BrokenDelegate['reason'], string>> = {
  missing: 'does not exist',
  'has-hosts': 'has hosts, so it is not a delegate',
  'not-exported': 'is not exported to this namespace',
  conflict: 'has routes whose matches are not within those of this route, and Istio drops these routes',
}

/** Istio drops such a route, or part of it, silently. */
export const brokenDelegate: Rule<'VirtualService'> = {
  id: 'broken-delegate',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A delegate VirtualService exists, has no hosts, is exported to the namespace of the root, '
    + "and its matches are within those of the root's route.",
  fix:
    'Create the delegate without `hosts`, export it to the namespace of the root, '
    + "and keep its matches within those of the root's route.",
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
        tells: [],
        restsOn: [{ kind: 'VirtualService', namespace, name }],
      }
    }
  },
}
