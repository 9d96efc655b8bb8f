import type { KubeObject, Ref } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { ignoredOn, type IgnoredRoutes } from '../../providers/istio/read/routes/ignored-routes.ts'
import { protocolOf, type PortNaming } from '../../workloads/mesh/port-protocol.ts'
import type { Service } from '../../objects/core.ts'
import type { Rule, Violation } from '../rule.ts'

/**
 * Istio ignores them there silently: the requests go through, and every share, header and mirror is
 * lost.
 */
export const httpRouteOnNonHttpPort: Rule<'VirtualService'> = {
  id: 'http-route-on-non-http-port',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'A host with http routes has a port whose protocol is HTTP, HTTP/2 or gRPC, or is detected by Istio.',
  fix: 'Name the Service port `http` or `grpc`, or set its appProtocol; for other protocols use tcp or tls routes.',
  subject: 'VirtualService',
  reads: ['Service', 'ServiceEntry'],
  *check(view, subject) {
    for (const { host, provider, ports } of ignoredOn(view, subject))
      yield violationAt(view, { host, provider, ports })
    yield* ignoredMatches(view, subject)
  },
}

function violationAt(view: ClusterView, { host, provider, ports }: IgnoredRoutes): Violation {
  const said = ports.map(({ port, protocol }) => `${port} (${protocol})`).join(', ')
  return {
    path: ['spec', 'http'],
    message: `the http routes are ignored: ${host} has no port for HTTP, only ${said}`,
    about: host,
    ...sayingHttp(
      view,
      provider,
      provider.ports.findIndex(({ protocol }) => protocol === 'TCP'),
    ),
    restsOn: [provider.ref satisfies Ref],
    tells: [{ kind: provider.ref.kind, namespace: provider.ref.namespace }],
  }
}

/**
 * How a port that passes for TCP comes to speak HTTP, if it does, and where routes of another protocol belong; how a
 * UDP port is one for TCP. Nothing for one that says another protocol, or is a ServiceEntry's.
 */
function sayingHttp(
  view: ClusterView,
  { ref, ports }: HostProvider,
  i: number,
): Pick<Violation, 'fix' | 'sets'> {
  if (ref.kind !== 'Service') return {}
  if (ports.length > 0 && ports.every(({ protocol }) => protocol === 'UDP')) return forTcp(view, ref)
  const port = ports[i]
  if (port?.protocol !== 'TCP') return {}
  return {
    fix: [
      `If port ${port.port} does not speak HTTP, move its routes from spec.http to spec.tcp. Otherwise:`,
      patchCommand(ref, 'json', [{ op: 'add', path: `/spec/ports/${i}/appProtocol`, value: 'http' }]),
    ],
    sets: { ref, path: ['spec', 'ports', i, 'appProtocol'], value: 'http' },
  }
}

/** The first port of a Service for UDP alone as one for TCP, which says that it speaks HTTP where its name says otherwise. */
function forTcp(view: ClusterView, ref: Ref): Pick<Violation, 'fix' | 'sets'> {
  const [port] = listOfPorts(view.get(ref))
  if (port === undefined) return {}
  const { httpRoutesApply } = protocolOf({ ...port, protocol: 'TCP' })
  const set = { protocol: 'TCP', ...(httpRoutesApply ? {} : { appProtocol: 'http' }) }
  const commands = Object.entries(set).map(([key, value]) => ({
    op: 'add' as const,
    path: `/spec/ports/0/${key}`,
    value,
  }))
  return {
    fix: ['No route applies to UDP. If the port takes TCP:', patchCommand(ref, 'json', commands)],
    sets: httpRoutesApply
      ? { ref, path: ['spec', 'ports', 0, 'protocol'], value: 'TCP' }
      : { ref, path: ['spec', 'ports', 0], value: { ...port, ...set } },
  }
}

const listOfPorts = (object: KubeObject | undefined): readonly PortNaming[] =>
  (object as Service | undefined)?.spec?.ports ?? []

/** Routes for one port only, on which no http route is ever asked. */
function* ignoredMatches(view: ClusterView, subject: VirtualService): Iterable<Violation> {
  const { gateways, routes } = routingOf(subject)
  if (gateways.some(name => name !== 'mesh')) return
  const offered = hostsOf(view, subject)
    .map(host => providersAt(view, host)[0])
    .flatMap(provider => provider?.ports.map((each, i) => ({ ...each, i, provider })) ?? [])
  if (!offered.some(({ takesHttp }) => takesHttp)) return
  for (const { section, conditions, place } of routes) {
    const asked = conditions.map(condition => offered.filter(({ port }) => port === condition.port))
    if (
      section !== 'http'
      || asked.length === 0
      || asked.some(found => found.length === 0 || found.some(({ takesHttp }) => takesHttp))
    )
      continue
    const { port, protocol, provider, i } = asked[0]![0]!
    yield {
      path: [...place, 'match'],
      message: `the route is ignored: port ${port} speaks ${protocol}, not HTTP`,
      about: `match ${port}`,
      ...sayingHttp(view, provider, i),
      restsOn: [provider.ref satisfies Ref],
      tells: [{ kind: provider.ref.kind, namespace: provider.ref.namespace }],
    }
  }
}
