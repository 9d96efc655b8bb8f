import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { formatPath } from '../../../objects/paths.ts'
import type { StreamNote } from '../../../routing/notes/provider-note.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { streamRoutesTo } from '../resolve/indexes.ts'
import { parentOf } from '../resolve/references.ts'
import { hostnamesOf, parentsOf, placedBackends, weightOf } from '../resolve/routes.ts'
import { serviceMeantBy } from './services/applications.ts'
import { hostOfBackend, keyOfHost, servedHosts } from './services/service-hosts.ts'

/** The rules of TLSRoutes and TCPRoutes that lead to the Services of a service: they divide connections, and no command edits them. */
export const streamsTo = (view: ClusterView, service: RoutedService): readonly StreamNote[] =>
  servedHosts(serviceMeantBy(view, service)).flatMap(host => {
    const named = keyOfHost(view, host)
    const routes = named === undefined ? [] : streamRoutesTo(view, `${named.namespace}/${named.name}`)
    return routes.flatMap(route =>
      placedBackends(route)
        .filter(({ value }) => weightOf(value) > 0 && hostOfBackend(view, route, value) === host)
        .map(({ rule }): StreamNote => ({
          kind: 'stream-rule',
          object: refOf(route),
          place: formatPath(['spec', 'rules', rule]),
          takes: takenBy(route),
          service: named!.name,
        })),
    )
  })

/** `TLS connections for shop.example.com at Gateway infra/gw` */
function takenBy(route: ServiceRoute): string {
  const hosts = hostnamesOf(route)
  const parents = parentsOf(route).map(reference => {
    const { kind, namespace, name } = parentOf(route, reference)
    return `${kind} ${namespace}/${name}`
  })
  const ends = [
    hosts.length === 0 ? '' : ` for ${hosts.join(', ')}`,
    parents.length === 0 ? '' : ` at ${[...new Set(parents)].join(', ')}`,
  ]
  return `${route.kind === 'TLSRoute' ? 'TLS' : 'TCP'} connections${ends.join('')}`
}
