import type { MatchBlock, Route } from './objects/routes.ts'

/**
 * Whether a route matches every request of its list, whoever sends it: Istio does not even generate the
 * routes after it.
 */
export const takesEverything = ({ conditions }: Pick<Route, 'conditions'>): boolean =>
  conditions.length === 0 || conditions.some(isOpen)

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
