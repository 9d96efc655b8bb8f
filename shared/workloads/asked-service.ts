import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import { fieldsOf, itemsOf, numberOf } from '../objects/unchecked.ts'
import type { Decision } from '../routing/request/decision.ts'
import type { MeantHost } from '../routing/request/request-routing.ts'
import type { Request } from '../routing/request/request.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/** A host without its port, in lower case. */
export const hostWithoutPort = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')

/** The Service in view that callers of a namespace mean by a host, where no mesh says otherwise. */
export function askedService(view: ClusterView, host: string, namespace: string): MeantHost | undefined {
  const { clusterDomain } = view.mesh
  const spelled = hostWithoutPort(host).replace(/\.$/, '')
  const [name = '', of = namespace, svc, ...rest] = spelled.split('.')
  const isShort = svc === undefined || (svc === 'svc' && rest.length === 0)
  const named = isShort ? { name, namespace: of } : serviceOfHost(spelled, clusterDomain)
  const service = named === undefined ? undefined : view.get({ kind: 'Service', ...named })
  if (service === undefined) return undefined
  return {
    host: serviceHost(named!.name, named!.namespace, clusterDomain),
    ports: itemsOf(fieldsOf(service.spec)['ports']).flatMap(port => numberOf(fieldsOf(port)['port']) ?? []),
  }
}

/** A decision about which no route says anything. */
export const undecided = {
  destinations: [],
  mirrors: [],
  isPassedThrough: false,
  isOpaque: false,
  route: undefined,
  considered: [],
} as const

/** What happens to a request that does not come by the gateway of a routing API: a caller asks the Service itself. */
export function besideGateway(view: ClusterView, { caller, host, port }: Request): Decision {
  if (caller.kind === 'gateway') return { ...undecided, kind: 'none', reason: 'no-listener' }
  const meant = askedService(view, host, caller.namespace)
  if (meant === undefined) return { ...undecided, kind: 'route', isPassedThrough: true }
  const destination = {
    host: meant.host,
    subset: undefined,
    port,
    percent: 100,
    failure: undefined,
    headers: undefined,
  }
  return { ...undecided, kind: 'route', destinations: [destination] }
}
