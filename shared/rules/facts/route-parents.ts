import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { attachmentsOf, type Attachment } from '../../providers/gateway-api/resolve/attachments.ts'
import {
  isGateway,
  isService,
  type ReferencedParent,
} from '../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../providers/gateway-api/resolve/routes.ts'
import { formerly, type ClusterView } from '../../view/cluster-view.ts'
import type { RuleSettings, Violation, Worsening } from '../rule.ts'

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

/** Whether no parent of a route is there and takes it, so that it gets no requests: who takes it apart may go on. */
export function isAttachedNowhere(view: ClusterView, route: ServiceRoute, settings: RuleSettings): boolean {
  const attachments = judgedAttachments(view, route, settings)
  return attachments.length > 0 && attachments.every(({ refusal }) => refusal !== undefined)
}

/** What a finding about a parent depends on and mentions. */
export function groundsOfParent(parent: ReferencedParent): Pick<Violation, 'restsOn' | 'tells'> {
  const { namespace, name } = parent
  const kind = kindOfParent(parent)
  return kind === undefined
    ? { tells: [] }
    : { restsOn: [{ kind, namespace, name }], tells: [{ kind, namespace }] }
}

/** A Service that goes takes its callers along; one that stays and is edited sends them past the rules of the route. */
export const detaching: Worsening = {
  summary:
    'An error in both if a change of the type or the ports of a Service detaches a route that was attached to it.',
  weigh({ before, after }, { ref, path }, settings) {
    const route = after.get(ref) as ServiceRoute | undefined
    if (route === undefined || formerly(after, ref) !== undefined) return undefined
    const at = (view: ClusterView): Attachment | undefined =>
      judgedAttachments(view, route, settings).find(({ index }) => index === path[2])
    const parent = at(after)?.parent
    const { namespace = '', name = '' } = parent ?? {}
    const isThere =
      parent && isService(parent) && after.get({ kind: 'Service', namespace, name }) !== undefined
    return isThere === true && at(before)?.service !== undefined
      ? { severity: { webhook: 'error', lint: 'error' } }
      : undefined
  },
}
