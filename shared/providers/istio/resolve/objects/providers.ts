import type { Service } from '../../../../objects/core.ts'
import { serviceHost } from '../../../../objects/hosts.ts'
import type { ServiceEntry } from '../../../../objects/istio.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { namespaceOf, type Labels, type Ref } from '../../../../objects/kube-object.ts'
import {
  httpRoutesApplyTo,
  parseProtocol,
  protocolOf,
  type PortProtocol,
} from '../../../../workloads/mesh/port-protocol.ts'
import { networkIn } from '../../../../workloads/mesh/network.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  namesOf,
  numberOf,
  textOf,
  textsOf,
} from '../../../../objects/unchecked.ts'

export interface ProviderPort {
  readonly port: number
  readonly protocol: PortProtocol
  readonly takesHttp: boolean
  /** The proxy finds out by itself; http routes apply, other hosts' routes on the same port do not. */
  readonly isSniffed: boolean
}

/** What puts hosts into the mesh's registry: a Service or a ServiceEntry, in one form. */
export interface HostProvider {
  readonly ref: Ref<'Service' | 'ServiceEntry'>
  readonly namespace: string
  readonly created: string | undefined
  readonly exportTo: ReadonlySet<string>
  readonly ports: readonly ProviderPort[]
  /** Pods in the same namespace; undefined where there is no selector. */
  readonly selector: Labels | undefined
  /** Addresses that the object itself lists, by their labels. */
  readonly endpoints: readonly Labels[]
  readonly form: 'virtual-ip' | 'headless' | 'alias' | 'static' | 'dns' | 'passthrough'
  /** An ExternalName's target. */
  readonly target: string | undefined
}

/** Also an empty one counts: the name is not asked then. */
const saidIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Of a Service: the namespaces that see it, with commas between; Istio reads it of no other kind. */
export const exportAnnotation = 'networking.istio.io/exportTo'

export const providerOfService: (service: Service) => HostProvider = derivedOnce(service => {
  const spec = fieldsOf(service.spec)
  const target = spec['type'] === 'ExternalName' ? textOf(spec['externalName']) : undefined
  const selector = labelsOf(spec['selector'])
  const exportTo = fieldsOf(service.metadata.annotations)[exportAnnotation]
  return {
    ref: refOf(service) as Ref<'Service'>,
    namespace: namespaceOf(service),
    created: textOf(service.metadata.creationTimestamp),
    exportTo: namesOf(
      typeof exportTo === 'string'
        ? exportTo
            .split(',')
            .map(name => name.trim())
            .filter(name => name !== '')
        : [],
    ),
    ports: itemsOf(spec['ports']).flatMap(item => {
      const fields = fieldsOf(item)
      const port = numberOf(fields['port'])
      if (port === undefined) return []
      const naming = {
        port,
        name: textOf(fields['name']),
        appProtocol: saidIn(fields['appProtocol']),
        protocol: textOf(fields['protocol']),
      }
      const { protocol, httpRoutesApply, autoDetected } = protocolOf(naming)
      return [{ port, protocol, takesHttp: httpRoutesApply, isSniffed: autoDetected }]
    }),
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    endpoints: [],
    form: target !== undefined ? 'alias' : spec['clusterIP'] === 'None' ? 'headless' : 'virtual-ip',
    target,
  }
})

export const providerOfEntry: (entry: ServiceEntry) => HostProvider = derivedOnce(entry => {
  const spec = fieldsOf(entry.spec)
  const workloads = fieldsOf(spec['workloadSelector'])
  const resolution = textOf(spec['resolution']) ?? 'NONE'
  const endpoints = itemsOf(spec['endpoints'])
    .map(fieldsOf)
    .map(endpoint => ({ ...networkIn(endpoint), ...labelsOf(endpoint['labels']) }))
  const isDns = resolution.startsWith('DNS')
  return {
    ref: refOf(entry) as Ref<'ServiceEntry'>,
    namespace: namespaceOf(entry),
    created: textOf(entry.metadata.creationTimestamp),
    exportTo: namesOf(textsOf(spec['exportTo'])),
    ports: itemsOf(spec['ports']).flatMap(item => {
      const fields = fieldsOf(item)
      const port = numberOf(fields['number'])
      if (port === undefined) return []
      const protocol = parseProtocol(textOf(fields['protocol']) ?? '')
      return [
        {
          port,
          protocol,
          takesHttp: httpRoutesApplyTo(protocol),
          isSniffed: protocol === 'UnsupportedProtocol',
        },
      ]
    }),
    selector: isFields(spec['workloadSelector']) ? labelsOf(workloads['labels']) : undefined,
    // Without endpoints of its own, a name that DNS resolves is its one endpoint.
    endpoints: isDns && endpoints.length === 0 && !isFields(spec['workloadSelector']) ? [{}] : endpoints,
    form: isDns ? 'dns' : resolution === 'STATIC' ? 'static' : 'passthrough',
    target: undefined,
  }
})

/** The hosts that a ServiceEntry says, as they are: they are never expanded. */
export const hostsOfEntry = (entry: ServiceEntry): readonly string[] =>
  textsOf(fieldsOf(entry.spec)['hosts']).filter(host => host !== '')

/** The host that a Service provides. */
export const hostOfService = (service: Service, clusterDomain: string): string =>
  serviceHost(service.metadata.name, namespaceOf(service), clusterDomain)
