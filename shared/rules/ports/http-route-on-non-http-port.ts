import { serviceOfHost } from '../../objects/hosts.ts'
import type { Ref } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Provider, ProviderPort } from '../../view/read/providers.ts'
import { routingOf } from '../../view/read/routes.ts'
import { hostsOf } from '../../view/resolve/mesh.ts'
import { providersAt } from '../../view/resolve/registry.ts'
import type { Rule, Violation } from '../rule.ts'

/** Istio ignores them there without a word: the requests go through, and every share, header and mirror is lost. */
export const httpRouteOnNonHttpPort: Rule<'VirtualService'> = {
  id: 'http-route-on-non-http-port',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'A host with http routes has a port whose protocol is HTTP, HTTP/2, gRPC or left to be sniffed.',
  remedy: 'Name the Service port `http` or `grpc`, or set its appProtocol so; for other protocols use tcp or tls routes.',
  subject: 'VirtualService',
  reads: ['Service', 'ServiceEntry'],
  *check(view, subject) {
    for (const { host, provider, ports } of ignoredOn(view, subject)) yield violationAt(view, { host, provider, ports })
    yield* ignoredMatches(view, subject)
  },
}

interface Ignored {
  readonly host: string
  readonly provider: Provider
  readonly ports: readonly ProviderPort[]
}

/** The hosts of a mesh VirtualService on none of whose ports its http routes apply, where it has no routes of another kind for them. */
export function ignoredOn(view: ClusterView, subject: VirtualService): readonly Ignored[] {
  const { gateways, routes } = routingOf(subject)
  if (!gateways.includes('mesh') || routes.length === 0 || routes.some(({ section }) => section !== 'http')) return []
  return hostsOf(view, subject).filter(host => !host.startsWith('*')).flatMap(host => {
    const provider = providersAt(view, host)[0]
    return provider === undefined || provider.ports.length === 0 || provider.ports.some(({ takesHttp }) => takesHttp) ? [] : [{ host, provider, ports: provider.ports }]
  })
}

function violationAt(view: ClusterView, { host, provider, ports }: Ignored): Violation {
  const said = ports.map(({ port, protocol }) => `${port} (${protocol})`).join(', ')
  const service = serviceOfHost(host, view.mesh.clusterDomain)
  const tcp = ports.findIndex(({ protocol }) => protocol === 'TCP')
  const patch = JSON.stringify([{ op: 'add', path: `/spec/ports/${tcp}/appProtocol`, value: 'http' }])
  return {
    path: ['spec', 'http'],
    message: `the http routes are ignored: ${host} has no port for HTTP, only ${said}`,
    about: host,
    ...service === undefined || tcp < 0 || provider.ref.kind !== 'Service' ? {} : { remedy: `kubectl patch service ${service.name} -n ${service.namespace} --type=json -p='${patch}'` },
    restsOn: [provider.ref satisfies Ref],
  }
}

/** Routes for one port only, on which no http route is ever asked. */
function *ignoredMatches(view: ClusterView, subject: VirtualService): Iterable<Violation> {
  const { gateways, routes } = routingOf(subject)
  if (gateways.some(name => name !== 'mesh')) return
  const ports = hostsOf(view, subject).map(host => providersAt(view, host)[0]).flatMap(provider => provider?.ports ?? [])
  if (!ports.some(({ takesHttp }) => takesHttp)) return
  for (const { section, conditions, place } of routes) {
    const asked = conditions.map(({ port }) => ports.filter(offered => offered.port === port))
    if (section !== 'http' || asked.length === 0 || asked.some(found => found.length === 0 || found.some(({ takesHttp }) => takesHttp))) continue
    const { port, protocol } = asked[0]![0]!
    yield { path: [...place, 'match'], message: `the route is ignored: port ${port} speaks ${protocol}, not HTTP`, about: `match ${port}` }
  }
}
