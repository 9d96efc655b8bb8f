import type { ApisixRoute, ApisixStreamRule } from '../../../objects/apisix/apisix-route.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import { formatPath } from '../../../objects/paths.ts'
import { fieldsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { StreamNote } from '../../../routing/notes/provider-note.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import { serviceMeantBy } from './applications.ts'
import { streamRoutesTo } from '../resolve/indexes.ts'
import { streamRulesOf } from '../resolve/rules.ts'

/**
 * The stream rules that lead to the Services of a service. Each has one backend without a weight, so that nothing
 * divides its connections (translator/apisixroute.go, translateStreamRule).
 */
export const streamsTo = (view: ClusterView, service: RoutedService): readonly StreamNote[] =>
  servedHostsOf(serviceMeantBy(view, service)).flatMap(host => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    if (named === undefined) return []
    const routes = streamRoutesTo(view, `${named.namespace}/${named.name}`)
    return routes.flatMap(route => streamsIn(route, named.name))
  })

const streamsIn = (route: ApisixRoute, service: string): readonly StreamNote[] =>
  streamRulesOf(route).flatMap(({ backend, ...rule }, i): readonly StreamNote[] => {
    if (textOf(fieldsOf(backend)['serviceName']) !== service) return []
    const place = formatPath(['spec', 'stream', i])
    return [{ kind: 'stream-rule', object: refOf(route), place, takes: takenBy(rule), service }]
  })

function takenBy({ protocol, match }: ApisixStreamRule): string {
  const { ingressPort, host } = fieldsOf(match)
  const [port, name] = [numberOf(ingressPort), textOf(host)]
  const ends = [port === undefined ? '' : ` to port ${port}`, name === undefined ? '' : ` for ${name}`]
  return `${textOf(protocol) ?? 'TCP'} connections${ends.join('')}`
}
