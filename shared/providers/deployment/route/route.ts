import { serviceHost, serviceOfHost } from '../../../objects/hosts.ts'
import { fieldsOf, itemsOf, numberOf } from '../../../objects/unchecked.ts'
import type { Decision } from '../../../routing/request/decision.ts'
import type { RequestRouting } from '../../../routing/request/request-routing.ts'
import type { RoutedService } from '../../../routing/service.ts'
import { anyOf } from '../../../routing/traffic.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { readService } from '../read/reading.ts'
import { sharesOf } from '../read/traffic.ts'

/** The Service that callers of a namespace mean by a host, as their resolver completes it. */
function serviceMeant(view: ClusterView, said: string, namespace: string): RoutedService | undefined {
  const { clusterDomain } = view.mesh
  const host = said.replace(/:\d+$/, '').toLowerCase()
  const [name = '', where = namespace, ...rest] = host.split('.')
  const isShort = rest.length === 0 || (rest.length === 1 && rest[0] === 'svc')
  const meant = isShort ? { name, namespace: where } : serviceOfHost(host, clusterDomain)
  return meant !== undefined && view.get({ kind: 'Service', ...meant }) !== undefined
    ? { ...meant, clusterDomain }
    : undefined
}

const portsOf = (view: ClusterView, { name, namespace }: RoutedService): readonly number[] =>
  itemsOf(fieldsOf(view.get({ kind: 'Service', namespace, name })?.spec)['ports']).flatMap(
    port => numberOf(fieldsOf(port)['port']) ?? [],
  )

const hostOf = ({ name, namespace, clusterDomain }: RoutedService): string =>
  serviceHost(name, namespace, clusterDomain)

const plain: Decision = {
  kind: 'route',
  route: undefined,
  considered: [],
  destinations: [],
  mirrors: [],
  isPassedThrough: false,
  isOpaque: false,
}

/** Where one request goes: by chance to one of the ready pods behind the Service. */
export const routeRequests: RequestRouting = {
  route: (view, { caller, host, port }, { complete = true }) => {
    const service = serviceMeant(view, host, caller.namespace)
    if (caller.kind === 'gateway') return { ...plain, kind: 'none', reason: 'no-listener' }
    if (service === undefined || !portsOf(view, service).includes(port))
      return { ...plain, isPassedThrough: true }
    const shares = sharesOf(readService(view, service, { complete }))
    const destination = { host: hostOf(service), port, headers: undefined, failure: undefined }
    const whole = { ...destination, subset: undefined, percent: 100 }
    return {
      ...plain,
      destinations:
        shares.length === 0
          ? [complete ? { ...whole, failure: { flag: 'UH' as const } } : whole]
          : shares.map(({ version, percent }) => ({ ...destination, subset: version, percent })),
    }
  },
  gatewaysFor: () => [],
  gatewayNamed: () => undefined,
  meantBy: (view, host, namespace) => {
    const service = serviceMeant(view, host, namespace)
    return service === undefined ? undefined : { host: hostOf(service), ports: portsOf(view, service) }
  },
  named: (view, { host, subset }, completeness) => {
    const said = serviceOfHost(host, view.mesh.clusterDomain)
    if (said === undefined) return { service: host, namespace: '', version: undefined }
    const { versions } = readService(view, { ...said, clusterDomain: view.mesh.clusterDomain }, completeness)
    const those = subset === undefined ? versions : versions.filter(({ name }) => name === subset)
    const ready = those.flatMap(({ workloads }) => workloads).reduce((sum, one) => sum + one.ready, 0)
    return {
      service: said.name,
      namespace: said.namespace,
      version: subset ?? (versions.length > 0 ? anyOf(versions) : undefined),
      ...(completeness.complete && those.length > 0 && { ready }),
    }
  },
  // A plain connection needs no proxy of the caller.
  follows: () => 'yes',
}
