import { CanaryError } from '../../../objects/canary-error.ts'
import type { BackendRef, ParentRef, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import { refuseOwned, type ServiceEdit, type ServiceReading } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { WantedStart } from '../../../routing/wanted.ts'
import { merged, type Change } from '../../../view/change.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { freeName } from '../../../workloads/routes/free-name.ts'
import { overlay } from '../../../view/overlay.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { hostnamesOf, parentsOf } from '../resolve/routes.ts'
import { gatewayGroup, isGateway, parentOf } from '../resolve/references.ts'
import { ownedObjects } from '../read/owners.ts'
import { readService, type RouteReading } from '../read/reading.ts'
import { routesTo } from '../read/rules/routed-rules.ts'
import { hostOf, keyOfHost, parentHosts } from '../read/services/service-hosts.ts'
import { versionOfHost } from '../read/services/versions.ts'
import { abilities } from '../abilities.ts'
import { backendsFor } from './backends/backends.ts'
import { basesIn, draftOf, finished, withRulesByKey } from './route-draft.ts'
import { ensureServices } from '../../../workloads/ensure-services.ts'

/**
 * A Service for each version, and a route that gives everything to stable: in the mesh, and at gateways that are
 * named; what is there already stays. Throws a CanaryError where that cannot be.
 */
export function startService(given: ServiceReading, wanted: WantedStart): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  const { view, service, versions } = reading
  if (wanted.preview !== undefined) throw previewRefusal
  if (wanted.gateways.length > 0 && wanted.hosts.length === 0)
    throw new CanaryError('usage', '--gateway needs --host: the host that clients ask the gateway for', {
      hints: ['For example: --gateway istio-system/public --host shop.example.com'],
    })
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const services = ensureServices(
    reading,
    versions.map(({ name }) => name),
  )
  const host = services.hostFor(wanted.stable)
  const between = overlay(view, services.changes)
  const pinned = pinnedRoutes(reading, between, host)
  const start: StartedRoutes = { reading, view: between, wanted, host }
  return { changes: merged([...services.changes, ...pinned, ...newRoutes(start)]), notes: [] }
}

const previewRefusal = new CanaryError('refused', abilities.previews, {
  hints: ['Show it to a cohort instead: leave out --preview-host.'],
})

/** Throws a CanaryError `not-found` where what a first route needs of the service is not in view. */
export function requireProvided(view: ClusterView, service: RoutedService): void {
  if (service.hosts !== undefined || serviceOf(view, hostOf(service)) !== undefined) return
  throw new CanaryError('not-found', `no Service ${service.name} in namespace ${service.namespace}`, {
    hints: ['init reads its selector and ports: name the file that has it with -f as well.'],
  })
}

/** Rules that lead to the pods of all versions, turned to stable for good. */
function pinnedRoutes(reading: RouteReading, view: ClusterView, host: string): readonly Change[] {
  const { service, versions } = reading
  return routesTo(reading.view, service).flatMap((before): readonly Change[] => {
    const draft = draftOf(before)
    const rules = basesIn(view, draft, service)
      .filter(({ parts }) =>
        parts.some(part => part.host === hostOf(service) && versionOfHost(versions, part.host) === undefined),
      )
      .map(
        base =>
          [
            base.key,
            { ...base.rule, backendRefs: backendsFor(view, base, { shares: [{ host, percent: 100 }] }) },
          ] as const,
      )
    return rules.length === 0 ? [] : [{ before, after: finished(withRulesByKey(draft, new Map(rules))) }]
  })
}

interface StartedRoutes {
  readonly reading: RouteReading
  /** With the Services of all versions. */
  readonly view: ClusterView
  readonly wanted: WantedStart
  /** Of the stable version. */
  readonly host: string
}

function newRoutes(start: StartedRoutes): readonly Change[] {
  const { reading, wanted } = start
  const { service } = reading
  const there = routesTo(reading.view, service)
  const isAtMesh = there.some(route => parentHosts(reading.view, route).includes(hostOf(service)))
  const mesh = isAtMesh || !wantsMesh(start, there) ? [] : [newRoute(start, meshParts(start))]
  const missing = wanted.gateways.filter(gateway =>
    wanted.hosts.some(host => !there.some(route => serves(route, { gateway, host, of: service.namespace }))),
  )
  return missing.length === 0
    ? mesh
    : [
        ...mesh,
        newRoute(start, {
          suffix: '-gateway',
          parentRefs: missing.map(gateway => gatewayParent(gateway)),
          hostnames: wanted.hosts,
        }),
      ]
}

/** Whether callers in the mesh are meant, and there is a Service that they can ask for. */
function wantsMesh(
  { reading: { view, service }, wanted }: StartedRoutes,
  there: readonly ServiceRoute[],
): boolean {
  const isAsked = wanted.mesh === true || (wanted.gateways.length === 0 && there.length === 0)
  if (!isAsked || serviceOf(view, hostOf(service)) !== undefined) return isAsked
  throw new CanaryError(
    'refused',
    `there is no Service ${service.name} in namespace ${service.namespace} that callers in the mesh could ask for`,
    {
      hints: [
        `Create a Service ${service.name} with the selector of its versions but for the version, and repeat this command.`,
        'Or route it at a gateway only, with --gateway and --host.',
      ],
    },
  )
}

interface HostAtGateway {
  readonly gateway: string
  readonly host: string
  readonly of: string
}

/** Whether a route has a host at a Gateway. */
const serves = (route: ServiceRoute, { gateway, host, of }: HostAtGateway): boolean => {
  const full = gateway.includes('/') ? gateway : `${of}/${gateway}`
  return (
    parentsOf(route)
      .map(parent => parentOf(route, parent))
      .some(parent => isGateway(parent) && `${parent.namespace}/${parent.name}` === full)
    && (hostnamesOf(route).length === 0 || hostnamesOf(route).includes(host.toLowerCase()))
  )
}

function gatewayParent(gateway: string): ParentRef {
  const slash = gateway.indexOf('/')
  const [namespace, name] = [slash < 0 ? undefined : gateway.slice(0, slash), gateway.slice(slash + 1)]
  return { ...(namespace !== undefined && { namespace }), name }
}

interface RouteParts {
  readonly suffix: string
  readonly parentRefs: readonly ParentRef[]
  readonly hostnames?: readonly string[]
}

const meshParts = ({ reading: { service } }: StartedRoutes): RouteParts => ({
  suffix: '',
  parentRefs: [{ group: '', kind: 'Service', name: service.name }],
})

/** A new route that leads to stable alone. */
function newRoute(start: StartedRoutes, { suffix, parentRefs, hostnames }: RouteParts): Change {
  const { reading, view, host } = start
  const { service } = reading
  const port = httpPort(start)
  const { name, namespace } = keyOfHost(view, host)!
  const backend: BackendRef = {
    name,
    ...(namespace !== service.namespace && { namespace }),
    port: port.number,
  }
  const kind = port.isGrpc ? 'GRPCRoute' : 'HTTPRoute'
  const wanted = { namespace: service.namespace, name: `${service.name}${suffix}` }
  const after: ServiceRoute = {
    apiVersion: `${gatewayGroup}/v1`,
    kind,
    metadata: { ...wanted, name: freeName(reading.view, { kind, ...wanted }) },
    spec: {
      parentRefs,
      ...(hostnames !== undefined && { hostnames }),
      rules: [{ backendRefs: [backend] }],
    },
  }
  return { after }
}

interface HttpPort {
  readonly number: number
  readonly isGrpc: boolean
}

/** The port of the stable version that takes requests. Throws a CanaryError where there is not just one. */
function httpPort({ view, host }: StartedRoutes): HttpPort {
  const found = serviceOf(view, host)
  const ports = itemsOf(fieldsOf(found?.spec)['ports'])
    .map(fieldsOf)
    .flatMap(({ port, name, appProtocol, protocol = 'TCP' }) => {
      const number = numberOf(port)
      const said = (textOf(appProtocol) ?? textOf(name) ?? '').toLowerCase()
      const other = /^(tcp|tls|udp|mongo|redis|mysql)(-|$)/.test(said)
      return number === undefined || protocol !== 'TCP' || other
        ? []
        : [{ number, isGrpc: /^grpc(-|$)/.test(said) }]
    })
  if (ports.length === 1) return ports[0]!
  const what = found === undefined ? 'is not there' : `has ${ports.length} http ports`
  throw new CanaryError(
    found === undefined ? 'not-found' : 'usage',
    `Service ${host.split('.')[0]} ${what}, and a route must name one`,
    {
      hints: [
        `Write the route by hand with the port in backendRefs; then cohort and weight find it (namespace ${found === undefined ? '' : namespaceOf(found)}).`,
      ],
    },
  )
}
