import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import { fieldsOf, itemsOf, numberOf } from '../../../objects/unchecked.ts'
import type { Decision, DecidedDestination } from '../../../routing/request/decision.ts'
import type { GatewayEntrance, RouteOptions } from '../../../routing/request/request-routing.ts'
import type { Request } from '../../../routing/request/request.ts'
import { readyOf } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { besideGateway, hostWithoutPort, undecided } from '../../../workloads/asked-service.ts'
import { publishedIn, routedServices } from '../read/applications.ts'
import { readService, type Api7Reading } from '../read/reading.ts'
import { sharesOf } from '../read/service-reading.ts'
import { publishedOf } from '../resolve/published.ts'

/** Says of a caller that it is the gateway of API7 Cloud. */
const gatewayLabel = 'api7.cloud/gateway'

/** The one gateway of the organization in API7 Cloud. */
const entrance: GatewayEntrance = {
  name: 'api7/cloud',
  proxies: [{ kind: 'gateway', namespace: '', labels: { [gatewayLabel]: 'true' } }],
  ports: [
    { number: 80, tls: false },
    { number: 443, tls: true },
  ],
}

/** API7 Cloud, where an application has the host. */
export const gatewaysFor = (view: ClusterView, host: string): readonly GatewayEntrance[] =>
  publishedIn(view, '*').some(
    service => publishedOf(service)?.application.toLowerCase() === hostWithoutPort(host),
  )
    ? [entrance]
    : []

/** API7 Cloud by its name, where something is published. */
export const gatewayNamed = (view: ClusterView, name: string): GatewayEntrance | undefined =>
  name === entrance.name && publishedIn(view, '*').length > 0 ? entrance : undefined

/** The methods of the one API that the controller makes of an application (findOrCreateApplication). */
const methods: ReadonlySet<string> = new Set(['GET', 'POST'])

/**
 * What API7 Cloud does with a request that comes by it, as the controller has set it up; callers in the cluster ask the Service
 * itself. Throws a CanaryError `failed` where nobody can tell.
 */
export function route(view: ClusterView, request: Request, { complete = true }: RouteOptions): Decision {
  const isOurs = request.caller.kind === 'gateway' && request.caller.labels[gatewayLabel] !== undefined
  if (!isOurs) return besideGateway(view, request)
  const host = hostWithoutPort(request.host)
  const readings = routedServices(view, '*', { complete })
    .map(service => readService(view, service, { complete }))
    .filter(({ application }) => application?.toLowerCase() === host)
  const [reading, other] = readings
  if (reading === undefined) return { ...undecided, kind: 'none', reason: 'no-host' }
  if (!methods.has(request.method)) return { ...undecided, kind: 'none', reason: 'no-route' }
  const destinations = other === undefined ? destinationsOf(reading) : undefined
  if (destinations === undefined)
    throw new CanaryError(
      'failed',
      `cannot tell where API7 Cloud sends requests for ${host}: the annotations of its Services do not say it`,
      {
        hints: [
          `See what they say: kubectl canary status ${reading.service.name} -n ${reading.service.namespace}`,
        ],
      },
    )
  const ref = refOf(reading.stable!.object)
  return {
    ...undecided,
    kind: 'route',
    route: { owner: ref, object: ref, place: ['metadata', 'annotations'], name: reading.application },
    destinations,
  }
}

function destinationsOf(reading: Api7Reading): readonly DecidedDestination[] | undefined {
  const found = sharesOf(reading).map(({ version, percent }) => ({
    version: reading.versions.find(({ name }) => name === version),
    percent,
  }))
  if (found.some(({ version }) => version === undefined)) return undefined
  return found.map(({ version, percent }): DecidedDestination => {
    const published = reading.published.find(each => each.version === version)
    const [port] = itemsOf(fieldsOf(published?.object.spec)['ports']).map(fieldsOf)
    const { workloads, host } = version!
    const isDown = reading.complete && workloads.length > 0 && readyOf(version!) === 0
    return {
      host: host!,
      subset: undefined,
      port: numberOf(port?.['port']),
      percent,
      failure: isDown ? { flag: 'UH' } : undefined,
      headers: undefined,
    }
  })
}
