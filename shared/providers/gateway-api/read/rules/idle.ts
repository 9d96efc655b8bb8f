import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import type { Completeness } from '../../../../routing/service.ts'
import type { Idle } from '../../../../routing/traffic.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { attachmentsOf, type Attachment, type AttachmentRefusal } from '../../resolve/attachments.ts'
import { formatGroupKind, formatParent, type ReferencedParent } from '../../resolve/references.ts'
import { isIn, tablesOf } from '../../resolve/reach.ts'
import { isAssumed } from './reached.ts'

const reasons: Readonly<Record<AttachmentRefusal, (parent: string) => string>> = {
  'no-such-gateway': parent => `there is no ${parent}`,
  'no-such-listener': parent => `${parent} has no such listener`,
  'not-allowed': parent => `${parent} does not allow it`,
  'no-matching-hostname': parent => `no listener of ${parent} has one of its hostnames`,
  'no-such-service': parent => `there is no ${parent}`,
  'no-such-port': parent => `${parent} has no such port`,
  'unsupported-service': parent => `${parent} is an ExternalName`,
  'unsupported-parent': parent => `${parent} is no kind that takes routes`,
}

/** The parent is there, and does not take the route. */
const unattached: ReadonlySet<AttachmentRefusal> = new Set([
  'not-allowed',
  'no-matching-hostname',
  'unsupported-service',
])

/** A parent that nobody takes may have the right kind, of the wrong group. */
const shown = ({ refusal, parent }: Attachment): ReferencedParent =>
  refusal === 'unsupported-parent' ? { ...parent, kind: formatGroupKind(parent) } : parent

/** Why a route takes no requests at all; undefined where it takes some, or the input does not tell. */
export function idleOf(view: ClusterView, route: ServiceRoute, { complete }: Completeness): Idle | undefined {
  const tables = tablesOf(view, route, { complete })
  if (isAssumed(view, route, { complete }) || tables.some(table => isIn(table, route))) return undefined
  const refused = attachmentsOf(view, route, { complete }).find(({ refusal }) => refusal !== undefined)
  if (refused?.refusal !== undefined)
    return {
      rule: unattached.has(refused.refusal) ? 'unattached-route' : 'unknown-parent',
      reason: reasons[refused.refusal](formatParent(shown(refused))),
    }
  return {
    rule: 'applies-nowhere',
    reason: tables.length === 0 ? 'it names no parent' : 'routes of another kind have its hostnames',
  }
}
