import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { fieldsOf, itemsOf, numberOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { Note } from '../../../routing/note.ts'
import { refuseOwned, type ServiceEdit, type ServiceReading } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { WantedStart } from '../../../routing/wanted.ts'
import { merged, type Change } from '../../../view/change.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { freeName } from '../../../workloads/routes/free-name.ts'
import { overlay } from '../../../view/overlay.ts'
import { ensureServices } from '../../../workloads/ensure-services.ts'
import { hostOfService } from '../../../workloads/service-versions.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { abilities } from '../abilities.ts'
import { classesIn } from '../read/applications.ts'
import { ownedObjects } from '../read/owners.ts'
import { leadsToAll, readService, type ApisixReading } from '../read/reading.ts'
import { routesTo } from '../read/routed-rules.ts'
import { classOf, rulesOf } from '../resolve/rules.ts'
import { backendsFor } from './backends.ts'
import { basesIn, draftOf, finished, withRulesByKey } from './route-draft.ts'

/**
 * A Service for each version, and a route that gives everything for some hosts to stable; what is there already stays.
 * Throws a CanaryError where that cannot be.
 */
export function startService(given: ServiceReading, wanted: WantedStart): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  const { view, service, versions } = reading
  if (wanted.preview !== undefined)
    throw new CanaryError('refused', abilities.previews, {
      hints: ['Show it to a cohort instead: leave out --preview-host.'],
    })
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const services = ensureServices(
    reading,
    versions.map(({ name }) => name),
  )
  const start: StartedRoute = {
    reading,
    view: overlay(view, services.changes),
    wanted,
    host: services.hostFor(wanted.stable),
  }
  const routes = newRoutes(start)
  return {
    changes: merged([...services.changes, ...pinnedRoutes(start), ...routes]),
    notes: routes.flatMap(({ after }): readonly Note[] =>
      after === undefined || classOf(after) !== ''
        ? []
        : [{ kind: 'no-ingress-class', object: refOf(after) }],
    ),
  }
}

/** Throws a CanaryError `not-found` where what a first route needs of the service is not in view. */
export function requireProvided(view: ClusterView, service: RoutedService): void {
  if (service.hosts !== undefined || serviceOf(view, hostOfService(service)) !== undefined) return
  throw new CanaryError('not-found', `no Service ${service.name} in namespace ${service.namespace}`, {
    hints: ['init reads its selector and ports: name the file that has it with -f as well.'],
  })
}

interface StartedRoute {
  readonly reading: ApisixReading
  /** With the Services of all versions. */
  readonly view: ClusterView
  readonly wanted: WantedStart
  /** Of the stable version. */
  readonly host: string
}

/** Rules that lead to the pods of all versions, turned to stable for good. */
function pinnedRoutes({ reading, view, host }: StartedRoute): readonly Change[] {
  const { service, complete } = reading
  return routesTo(reading.view, service).flatMap((before): readonly Change[] => {
    const draft = draftOf(before)
    const rules = basesIn({ ...reading, view }, draft)
      .filter(({ parts }) => parts.some(part => leadsToAll(reading, part)))
      .map(base => {
        const backends = backendsFor(view, base, { shares: [{ host, percent: 100 }], complete })
        return [base.key, { ...base.rule, backends }] as const
      })
    return rules.length === 0 ? [] : [{ before, after: finished(withRulesByKey(draft, new Map(rules))) }]
  })
}

/** A route for the hosts that no route to the service has; none where a route is there and no host is named. */
function newRoutes(start: StartedRoute): readonly RouteChange[] {
  const { reading, wanted } = start
  const { service, view } = reading
  const there = routesTo(view, service)
  if (wanted.mesh === true)
    throw new CanaryError(
      'refused',
      'an ApisixRoute is for requests that come by APISIX, and not for callers in the cluster',
      {
        hints: ['Leave out --mesh.'],
      },
    )
  const known = new Set(
    there.flatMap(route => rulesOf(route).flatMap(({ match }) => textsOf(fieldsOf(match)['hosts']))),
  )
  const hosts = wanted.hosts.filter(host => !known.has(host))
  if (there.length > 0 && hosts.length === 0) return classedRoutes(start, there)
  if (hosts.length === 0)
    throw new CanaryError('usage', '--provider apisix needs --host: the host that clients ask APISIX for', {
      hints: [
        'Without one the route would take every request to APISIX. For example: --host shop.example.com',
      ],
    })
  return [{ after: newRoute(start, hosts) }]
}

type RouteChange = Change & { readonly after?: ApisixRoute }

/** The routes that are there with the class that was named, where they have none: without one no controller may take them. */
function classedRoutes(start: StartedRoute, there: readonly ApisixRoute[]): readonly RouteChange[] {
  const ingressClassName = start.wanted.gateways.length === 0 ? undefined : classFor(start)
  if (ingressClassName === undefined || pinnedRoutes(start).length > 0) return []
  return there
    .filter(route => classOf(route) === '')
    .map(before => ({ before, after: { ...before, spec: { ingressClassName, ...before.spec } } }))
}

/** A new route that leads to stable alone. */
function newRoute(start: StartedRoute, hosts: readonly string[]): ApisixRoute {
  const {
    view,
    service: { name, namespace },
  } = start.reading
  const ingressClassName = classFor(start)
  return {
    apiVersion: 'apisix.apache.org/v2',
    kind: 'ApisixRoute',
    metadata: { name: freeName(view, { kind: 'ApisixRoute', namespace, name }), namespace },
    spec: {
      ...(ingressClassName !== undefined && { ingressClassName }),
      http: [
        {
          name,
          match: { hosts, paths: ['/*'] },
          backends: [{ serviceName: start.host.split('.')[0]!, servicePort: httpPort(start) }],
        },
      ],
    },
  }
}

/**
 * The ingress class that is named as gateway, else the only one that routes name. Throws a CanaryError `usage`
 * where several are named.
 */
function classFor({ wanted, reading: { view } }: StartedRoute): string | undefined {
  const [said, ...more] = wanted.gateways
  if (more.length > 0 || said?.includes('/') === true)
    throw new CanaryError('usage', '--gateway of an ApisixRoute is one ingress class', {
      hints: ['For example: --gateway apisix'],
    })
  const known = classesIn(view)
  if (said === undefined && known.length > 1)
    throw new CanaryError('usage', `--provider apisix needs --gateway: routes name several ingress classes`, {
      hints: [`Name the one whose APISIX has the host: ${known.map(name => `--gateway ${name}`).join(', ')}`],
    })
  return said ?? known[0]
}

/** The port of the stable version that takes requests. Throws a CanaryError where there is not just one. */
function httpPort({ view, host, reading: { service } }: StartedRoute): number {
  const found = serviceOf(view, host)
  const ports = itemsOf(fieldsOf(found?.spec)['ports'])
    .map(fieldsOf)
    .flatMap(({ port, name, appProtocol, protocol = 'TCP' }) => {
      const said = (textOf(appProtocol) ?? textOf(name) ?? '').toLowerCase()
      const isOther = /^(tcp|tls|udp|mongo|redis|mysql|grpc)(-|$)/.test(said)
      const number = numberOf(port)
      return number === undefined || protocol !== 'TCP' || isOther ? [] : [number]
    })
  if (ports.length === 1) return ports[0]!
  const what = found === undefined ? 'is not there' : `has ${ports.length} http ports`
  throw new CanaryError(
    found === undefined ? 'not-found' : 'usage',
    `Service ${host.split('.')[0]} ${what}, and a route must name one`,
    {
      hints: [
        `Write the route by hand with the port in backends; then cohort and weight find it (namespace ${service.namespace}).`,
      ],
    },
  )
}
