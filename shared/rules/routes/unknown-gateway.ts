import { firstPlaces } from '../../objects/text/first-places.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import { routingOf, type RouteSection } from '../../providers/istio/resolve/objects/routes.ts'
import { bindingsOf, unreadBy, type UnreadRoutes } from '../../providers/istio/resolve/gateways.ts'
import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { Path } from '../../objects/paths.ts'
import { mistyped } from '../../objects/text/closest.ts'
import { nameMeant } from '../facts/names/meant.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { formerly, type ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import { formatPath, type KindIn, type Rule, type Violation } from '../rule.ts'

/** A route that no gateway takes up is not installed anywhere. */
export const unknownGateway: Rule<'VirtualService'> = {
  id: 'unknown-gateway',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A gateway of a VirtualService exists and has a server for one of its hosts, and that takes routes of its kind.',
  fix: 'Create the Gateway, or name one that exists as `namespace/name`. Give one of its servers a host of the VirtualService, and a protocol that its routes are for.',
  subject: 'VirtualService',
  reads: ['Gateway'],
  *check(view, subject, { complete, folder }) {
    if (routingOf(subject).hosts.length === 0) return
    const places = firstPlaces(routingOf(subject).gateways)
    for (const binding of bindingsOf(view, subject)) {
      const { name, gateway, servers } = binding
      const meant = gateway === undefined ? gatewayMeant(view, name, subject) : undefined
      // A namespace other than the routes' is as a rule another file's.
      const isJudged = gateway !== undefined || complete || (folder === true && meant !== undefined)
      const unread = unreadBy(binding, delegatedRoutes(view, subject).routes)
      if (unread !== undefined) yield unreadRoutes(name, unread, places.get(name)!)
      if (servers.length > 0 || !isJudged) continue
      const said = saysOf(name, { exists: gateway !== undefined, meant })
      const i = places.get(name)!
      yield {
        path: ['spec', 'gateways', i],
        message: meant === undefined ? `${said}: the routes are not installed on it` : said,
        fix: fixOf(view, subject, {
          name,
          exists: gateway !== undefined,
          meant,
          at: ['spec', 'gateways', i],
        }),
        about: name,
        absent: 'other',
        tells: meantTold(meant, subject),
        restsOn: [refOfGateway(name)],
      }
    }
  },
}

/** Routes that no server of the Gateway reads, because each is for another kind. */
function unreadRoutes(name: string, { written, read, ports }: UnreadRoutes, i: number): Violation {
  const kinds = (sections: readonly string[]): string => sections.join(' and ')
  return {
    path: ['spec', 'gateways', i],
    message:
      `Gateway ${name} takes only ${kinds(read)} routes for the hosts of this VirtualService (port ${ports.join(', ')}), `
      + `and no ${kinds(written)} routes: the routes are not installed on it`,
    fix: read.map(section => advice[section]).join(' '),
    about: `${name} ${kinds(written)}`,
    tells: [{ kind: 'Gateway', namespace: refOfGateway(name).namespace }],
    restsOn: [refOfGateway(name)],
  }
}

const advice: Readonly<Record<RouteSection, string>> = {
  http: 'Write the routes as spec.http: the Gateway reads requests there.',
  tls: 'Write the routes as spec.tls with sniHosts, or let the Gateway end TLS (tls.mode: SIMPLE), so that it reads requests.',
  tcp: 'Write the routes as spec.tcp, or set the protocol of the server to one that the Gateway reads, such as HTTP or HTTPS.',
}

/** A name without a namespace is one of the routes' own. */
const meantTold = (meant: string | undefined, subject: VirtualService): readonly KindIn[] =>
  meant === undefined
    ? []
    : [
        {
          kind: 'Gateway',
          namespace: meant.includes('/') ? refOfGateway(meant).namespace : namespaceOf(subject),
        },
      ]

const saysOf = (
  name: string,
  { exists, meant }: { readonly exists: boolean; readonly meant: string | undefined },
): string => {
  if (exists) return `no server of Gateway ${name} has a host of this VirtualService`
  return `Gateway ${name} does not exist${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

interface UnservedGateway {
  readonly name: string
  readonly exists: boolean
  readonly meant: string | undefined
  readonly at: Path
}

function fixOf(
  view: ClusterView,
  subject: VirtualService,
  { name, exists, meant, at }: UnservedGateway,
): string {
  if (meant !== undefined) return `Set ${formatPath(at)}: ${meant}`
  if (!exists) return `Create Gateway ${name}, or set ${formatPath(at)} to one that exists (NAMESPACE/NAME).`
  const hosts = routingOf(subject).hosts.map(host =>
    expandHost(host, namespaceOf(subject), view.mesh.clusterDomain),
  )
  return `Add ${hosts.join(' or ')} to the hosts of a server of Gateway ${name}.`
}

/** The Gateway that was probably meant: one whose name is a letter away, or the only one of the name elsewhere. */
function gatewayMeant(view: ClusterView, name: string, subject: VirtualService): string | undefined {
  const { namespace, name: said } = refOfGateway(name)
  if (formerly(view, refOfGateway(name)) !== undefined) return undefined
  const beside = nameMeant(view, refOfGateway(name))
  if (beside !== undefined) return namespace === namespaceOf(subject) ? beside : `${namespace}/${beside}`
  const elsewhere = namespacesByName(view).get(said) ?? []
  const isBare = namespace === namespaceOf(subject)
  const there = isBare ? elsewhere[0] : mistyped(namespace, elsewhere)
  return there === undefined || (isBare && elsewhere.length > 1) ? undefined : `${there}/${said}`
}

const refOfGateway = (name: string) => ({
  kind: 'Gateway' as const,
  namespace: name.slice(0, name.indexOf('/')),
  name: name.slice(name.indexOf('/') + 1),
})

/** The namespaces that have a Gateway of a name. */
const namespacesByName = (view: ClusterView): ReadonlyMap<string, readonly string[]> =>
  once(view, [namespacesByName, ''], () => {
    const byName = Map.groupBy(view.list('Gateway'), ({ metadata }) => metadata.name)
    return new Map([...byName].map(([name, gateways]) => [name, gateways.map(namespaceOf)]))
  })
