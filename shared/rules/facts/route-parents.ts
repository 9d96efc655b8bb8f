import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { attachmentsOf, type Attachment } from '../../providers/gateway-api/resolve/attachments.ts'
import {
  isGateway,
  isService,
  type ReferencedParent,
} from '../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../providers/gateway-api/resolve/routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { RuleSettings, Violation } from '../rule.ts'

/**
 * What happens to each parent of a route, each at the index of its reference. None where a reference is no mapping: the
 * list is for the schema to refuse.
 */
export const judgedAttachments = (
  view: ClusterView,
  route: ServiceRoute,
  settings: RuleSettings,
): readonly Attachment[] =>
  parentsOf(route).length < itemsOf(fieldsOf(route.spec)['parentRefs']).length
    ? []
    : attachmentsOf(view, route, settings)

/** The kind of a parent that is read. */
export const kindOfParent = (
  parent: ReferencedParent,
): 'Gateway.gateway.networking.k8s.io' | 'Service' | undefined => {
  if (isGateway(parent)) return 'Gateway.gateway.networking.k8s.io'
  return isService(parent) ? 'Service' : undefined
}

/** What a finding about a parent depends on and mentions. */
export function groundsOfParent(parent: ReferencedParent): Pick<Violation, 'restsOn' | 'tells'> {
  const { namespace, name } = parent
  const kind = kindOfParent(parent)
  return kind === undefined
    ? { tells: [] }
    : { restsOn: [{ kind, namespace, name }], tells: [{ kind, namespace }] }
}
