import type { RouteGateway, ServiceRoute } from '../../../objects/gateway-api.ts'
import { mistyped } from '../../../objects/text/closest.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import { portsOf } from '../../../providers/gateway-api/resolve/backends.ts'
import {
  isGateway,
  isService,
  parentOf,
  type ReferencedParent,
} from '../../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../../providers/gateway-api/resolve/routes.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { namesIn } from '../../facts/meant.ts'
import { formatPath, type Path, type RuleSettings, type Violation } from '../../rule.ts'

/** A route that nothing takes up is not installed anywhere. */
export const unknownParent = eachRoute({
  id: 'unknown-parent',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A parent of an HTTPRoute or GRPCRoute exists: the Gateway and its listener, or the Service and its port.',
  fix: 'Create the Gateway or Service, or correct the name, the namespace, sectionName or port of the parent.',
  reads: ['Gateway.gateway.networking.k8s.io', 'Service'],
  *check(view, route, settings) {
    // parentsOf leaves out what is no mapping; such a list is for the schema to refuse.
    if (parentsOf(route).length < itemsOf(fieldsOf(route.spec)['parentRefs']).length) return
    for (const [i, reference] of parentsOf(route).entries()) {
      const parent = parentOf(route, reference)
      const path = ['spec', 'parentRefs', i]
      const violation = isGateway(parent)
        ? gatewayFault(view, { parent, path, route, settings })
        : isService(parent)
          ? serviceFault(view, { parent, path, route, settings })
          : undefined
      if (violation !== undefined) yield violation
    }
  },
})

interface AskedParent {
  readonly parent: ReferencedParent
  readonly path: Path
  readonly route: ServiceRoute
  readonly settings: RuleSettings
}

function gatewayFault(view: ClusterView, asked: AskedParent): Violation | undefined {
  const { namespace, name, sectionName, port } = asked.parent
  const kind = 'Gateway.gateway.networking.k8s.io'
  const gateway = view.get({ kind, namespace, name })
  if (gateway === undefined) return missing(view, asked, kind)
  const listeners = listenersOf(gateway)
  if (sectionName !== undefined && !listeners.some(listener => listener.name === sectionName)) {
    const meant = mistyped(
      sectionName,
      listeners.flatMap(listener => listener.name ?? []),
    )
    return sectionFault(asked, {
      kind,
      message: `Gateway ${namespace}/${name} has no listener ${quotedName(sectionName)}`,
      field: 'sectionName',
      meant,
    })
  }
  if (port === undefined || listeners.some(listener => listener.port === port)) return undefined
  return sectionFault(asked, {
    kind,
    message: `no listener of Gateway ${namespace}/${name} is on port ${port}`,
    field: 'port',
    meant: listeners.length === 1 ? listeners[0]!.port : undefined,
  })
}

function serviceFault(view: ClusterView, asked: AskedParent): Violation | undefined {
  const { namespace, name, port } = asked.parent
  const service = view.get({ kind: 'Service', namespace, name })
  if (service === undefined) return missing(view, asked, 'Service')
  const ports = portsOf(service)
  if (port === undefined || ports.includes(port)) return undefined
  return sectionFault(asked, {
    kind: 'Service',
    message: `Service ${namespace}/${name} has no port ${port}${ports.length === 0 ? '' : `; it has ${ports.join(', ')}`}`,
    field: 'port',
    meant: ports.length === 1 ? ports[0] : undefined,
  })
}

type ParentKind = 'Gateway.gateway.networking.k8s.io' | 'Service'

function missing(
  view: ClusterView,
  { parent, path, settings }: AskedParent,
  kind: ParentKind,
): Violation | undefined {
  const { namespace, name } = parent
  const meant = mistyped(name, namesIn(view, kind, namespace))
  // Gateways and Services of the mesh are as a rule in other files.
  if (!settings.complete && (settings.folder !== true || meant === undefined)) return undefined
  return {
    path: [...path, 'name'],
    message: `${parent.kind} ${namespace}/${name} does not exist${meant === undefined ? ': the route is not installed on it' : `; did you mean ${meant}?`}`,
    about: `${kind} ${namespace}/${name}`,
    absent: 'other',
    ...(meant === undefined ? {} : { fix: `Set ${formatPath([...path, 'name'])}: ${meant}` }),
    tells: [{ kind, namespace }],
    restsOn: [{ kind, namespace, name }],
  }
}

interface SectionFault {
  readonly kind: ParentKind
  readonly message: string
  readonly field: 'sectionName' | 'port'
  readonly meant: string | number | undefined
}

function sectionFault(
  { parent, path }: AskedParent,
  { kind, message, field, meant }: SectionFault,
): Violation {
  const { namespace, name } = parent
  const place = [...path, field]
  return {
    path: place,
    message:
      message
      + (typeof meant === 'string' ? `; did you mean ${meant}?` : ': the route is not installed on it'),
    about: `${kind} ${namespace}/${name} ${parent[field]}`,
    absent: 'other',
    ...(meant === undefined ? {} : { fix: `Set ${formatPath(place)}: ${meant}` }),
    tells: [{ kind, namespace }],
    restsOn: [{ kind, namespace, name }],
  }
}

interface NamedListener {
  readonly name: string | undefined
  readonly port: number | undefined
}

const listenersOf = ({ spec }: RouteGateway): readonly NamedListener[] =>
  itemsOf(fieldsOf(spec)['listeners'])
    .map(fieldsOf)
    .map(listener => ({ name: textOf(listener['name']), port: numberOf(listener['port']) }))
