import { mistyped } from '../../../objects/text/closest.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import type { Attachment } from '../../../providers/gateway-api/resolve/attachments.ts'
import { tcpPortsOf } from '../../../providers/gateway-api/resolve/backends.ts'
import { formatGroupKind, groupMeant } from '../../../providers/gateway-api/resolve/references.ts'
import { listenersOf } from '../../../providers/gateway-api/resolve/listeners.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { nameMeant } from '../../facts/names/meant.ts'
import { detaching, groundsOfParent, judgedAttachments, kindOfParent } from '../../facts/route-parents.ts'
import { formatPath, type RuleSettings, type Violation } from '../../rule.ts'

/** A route that nothing takes up is not installed anywhere. */
export const unknownParent = eachRoute({
  id: 'unknown-parent',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A parent of an HTTPRoute or GRPCRoute exists: the Gateway and its listener, or the Service and its port.',
  fix: 'Create the Gateway or Service, or correct the name, the namespace, sectionName or port of the parent.',
  reads: ['Gateway.gateway.networking.k8s.io', 'Service', 'Namespace'],
  needs: ['Gateway.gateway.networking.k8s.io', 'Service'],
  *check(view, route, settings) {
    for (const attachment of judgedAttachments(view, route, settings)) {
      const missing = missingOf(view, attachment, settings)
      if (missing !== undefined) yield violationAt(attachment, missing)
    }
  },
  worsening: detaching,
})

interface MissingParent {
  readonly message: string
  readonly field: 'group' | 'name' | 'sectionName' | 'port'
  readonly meant?: string | number | undefined
}

function missingOf(
  view: ClusterView,
  attachment: Attachment,
  settings: RuleSettings,
): MissingParent | undefined {
  const { refusal, isAssumed } = attachment
  if (refusal === 'no-such-listener') return missingListener(view, attachment)
  if (refusal === 'no-such-port') return missingPort(view, attachment)
  if (refusal === 'unsupported-parent') return wrongGroup(attachment)
  if (refusal === 'no-such-gateway' || refusal === 'no-such-service')
    return {
      message: `${nameOf(attachment)} does not exist`,
      field: 'name',
      meant: meantBy(view, attachment),
    }
  return isAssumed ? mistypedName(view, attachment, settings) : undefined
}

const nameOf = ({ parent: { kind, namespace, name } }: Attachment): string => `${kind} ${namespace}/${name}`

/** A parent of any other kind is for a controller of its own. */
function wrongGroup({ parent }: Attachment): MissingParent | undefined {
  const group = groupMeant(parent)
  if (group === undefined) return undefined
  const own = group === '' ? 'the core group' : `the group ${group}`
  return {
    message: `there is no kind ${formatGroupKind(parent)}, as ${parent.kind} is of ${own}`,
    field: 'group',
    meant: group,
  }
}

function meantBy(view: ClusterView, { parent }: Attachment): string | undefined {
  const kind = kindOfParent(parent)
  const { namespace, name } = parent
  return kind === undefined ? undefined : nameMeant(view, { kind, namespace, name })
}

/** In files a parent is as a rule in other ones, except for a name that is a letter away from one that is here. */
function mistypedName(
  view: ClusterView,
  attachment: Attachment,
  { complete, folder }: RuleSettings,
): MissingParent | undefined {
  const meant = complete || folder !== true ? undefined : meantBy(view, attachment)
  return meant === undefined
    ? undefined
    : { message: `${nameOf(attachment)} does not exist`, field: 'name', meant }
}

function missingListener(view: ClusterView, attachment: Attachment): MissingParent {
  const { namespace, name, sectionName, port } = attachment.parent
  const gateway = view.get({ kind: 'Gateway.gateway.networking.k8s.io', namespace, name })
  const listeners = gateway === undefined ? [] : listenersOf(gateway)
  const names = listeners.map(listener => listener.name)
  if (sectionName !== undefined && !names.includes(sectionName))
    return {
      message: `${nameOf(attachment)} has no listener ${quotedName(sectionName)}`,
      field: 'sectionName',
      meant: mistyped(sectionName, names),
    }
  return {
    message: `${nameOf(attachment)} has no such listener on port ${port}`,
    field: 'port',
    meant: listeners.length === 1 ? listeners[0]!.port : undefined,
  }
}

function missingPort(view: ClusterView, attachment: Attachment): MissingParent {
  const { namespace, name, sectionName, port } = attachment.parent
  const service = view.get({ kind: 'Service', namespace, name })
  const ports = service === undefined ? [] : tcpPortsOf(service)
  const has = ports.length === 0 ? '' : `; it has ${ports.join(', ')}`
  if (port === undefined) {
    const asked = sectionName === undefined ? 'port for TCP' : `port ${quotedName(sectionName)}`
    return { message: `${nameOf(attachment)} has no ${asked}${has}`, field: 'sectionName' }
  }
  return {
    message: `${nameOf(attachment)} has no port ${port}${has}`,
    field: 'port',
    meant: sectionName === undefined && ports.length === 1 ? ports[0] : undefined,
  }
}

function violationAt({ parent, index }: Attachment, { message, field, meant }: MissingParent): Violation {
  const { namespace, name, sectionName = '', port = '' } = parent
  const path = ['spec', 'parentRefs', index, field]
  return {
    path,
    message: message + consequence(field, meant),
    about: `${parent.kind} ${namespace}/${name} ${sectionName} ${port}`,
    absent: 'other',
    ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant === '' ? '""' : meant}` }),
    ...groundsOfParent(parent),
  }
}

const consequence = (field: MissingParent['field'], meant: MissingParent['meant']): string =>
  typeof meant === 'string' && field !== 'group'
    ? `; did you mean ${meant}?`
    : ': the route is not installed on it'
