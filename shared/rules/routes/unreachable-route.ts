import { expandHost } from '../../objects/hosts.ts'
import type { MatchBlock, Route } from '../../providers/istio/resolve/objects/routes.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import { formatPath, type Rule } from '../rule.ts'

/** Routes are asked in order, and Istio does not even generate those after one that takes everything. */
export const unreachableRoute: Rule<'VirtualService'> = {
  id: 'unreachable-route',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A route that matches every request is the last one.',
  fix: 'Move the route without `match` to the end, or remove the routes after it.',
  subject: 'VirtualService',
  reads: ['VirtualService'],
  *check(view, subject) {
    const { routes } = delegatedRoutes(view, subject)
    const said = new Set<string>()
    for (const section of ['http', 'tcp'] as const) {
      const inOrder = routes.filter(route => route.section === section)
      const last = inOrder.findIndex(takesEverything)
      for (const { place, targets, name } of last < 0 ? [] : inOrder.slice(last + 1)) {
        const key = formatPath(place)
        if (said.has(key) || key === formatPath(inOrder[last]!.place)) continue
        said.add(key)
        const about = targets
          .map(
            ({ host, namespace, subset }) =>
              `${expandHost(host, namespace, view.mesh.clusterDomain)}/${subset ?? ''}`,
          )
          .sort()
          .join(' ')
        yield {
          path: place,
          message: `no request reaches this route: ${formatPath(inOrder[last]!.place)} matches every request`,
          about: `${name ?? ''} ${about}`,
        }
      }
    }
  },
}

const takesEverything = ({ conditions }: Route): boolean => conditions.length === 0 || conditions.some(isOpen)

const isOpen = ({
  isCatchAll,
  gateways,
  port,
  sourceNamespace,
  sourceLabels,
  subnets,
  sniHosts,
}: MatchBlock): boolean =>
  isCatchAll
  && gateways.length === 0
  && port === undefined
  && sourceNamespace === undefined
  && Object.keys(sourceLabels).length === 0
  && subnets.length === 0
  && sniHosts.length === 0
