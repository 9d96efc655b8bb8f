import type { EndpointSlice, Service } from '../../../objects/core.ts'
import { serviceHost, serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, labelsOf, textsOf } from '../../../objects/unchecked.ts'
import type { ClusterView, Index } from '../../../view/cluster-view.ts'

/** A Service by its name. */
export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

const servicesByIp: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => {
    const { clusterIP, clusterIPs } = fieldsOf(service.spec)
    return [...new Set(textsOf([clusterIP, ...itemsOf(clusterIPs)]))].filter(address => address !== 'None')
  },
}

/**
 * The Service that callers of a namespace mean by a host (lower case, without a port): by its name, its name and
 * namespace, its name in full or its address. It need not be in view.
 */
export function namedService(view: ClusterView, host: string, callers: string): ServiceName | undefined {
  const [byIp] = view.find(servicesByIp, host.replace(/^\[(.*)\]$/, '$1'))
  if (byIp !== undefined) return { namespace: namespaceOf(byIp), name: byIp.metadata.name }
  const spelled = host.replace(/\.$/, '')
  const [name = '', namespace = callers, svc, ...rest] = spelled.split('.')
  if (svc === undefined || (svc === 'svc' && rest.length === 0)) return { namespace, name }
  return serviceOfHost(spelled, view.mesh.clusterDomain)
}

/** A Service in view. */
export const serviceNamed = (view: ClusterView, { namespace, name }: ServiceName): Service | undefined =>
  view.get({ kind: 'Service', namespace, name })

/** The host of a Service in full. */
export const hostOf = (view: ClusterView, { namespace, name }: ServiceName): string =>
  serviceHost(name, namespace, view.mesh.clusterDomain)

const slicesByService: Index<'EndpointSlice'> = {
  kind: 'EndpointSlice',
  keysOf: slice => {
    const name = labelsOf(slice.metadata.labels)['kubernetes.io/service-name']
    return name === undefined ? [] : [`${namespaceOf(slice)}/${name}`]
  },
}

/** Whether a Service has an endpoint that is ready; undefined where no EndpointSlice tells. */
export function hasReadyEndpoint(view: ClusterView, service: Service): boolean | undefined {
  const slices = view.find(slicesByService, `${namespaceOf(service)}/${service.metadata.name}`)
  return slices.length === 0 ? undefined : slices.some(isReady)
}

const isReady = (slice: EndpointSlice): boolean =>
  itemsOf(fieldsOf(slice)['endpoints']).some(
    endpoint => fieldsOf(fieldsOf(endpoint)['conditions'])['ready'] !== false,
  )
