/** What the routes of a small world do with a request, in few words. */
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { gatewayNameLabel } from '../../../../shared/providers/gateway-api/route/entrances.ts'
import { route as decideRoute } from '../../../../shared/providers/gateway-api/route/route.ts'
import type { DecidedDestination, Decision } from '../../../../shared/routing/request/decision.ts'
import { statusOfFailure } from '../../../../shared/routing/request/decision.ts'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { re2, requestTo } from '../../../routing/requests.ts'
import { gateway, service, viewOf } from '../written-objects.ts'

/** The Gateway infra/gw and the Services catalog, catalog-v1, catalog-v2 and orders of the namespace shop. */
export const shop: readonly KubeObject[] = [
  gateway('infra/gw'),
  ...['catalog', 'catalog-v1', 'catalog-v2', 'orders'].map(name => service(`shop/${name}`)),
]

/** The proxy of the Gateway infra/gw. */
export const proxy: Request['caller'] = {
  kind: 'gateway',
  namespace: 'infra',
  labels: { [gatewayNameLabel]: 'gw' },
}

/** The decision on a request to a.example.com by the Gateway, unless something else is said. */
export const decide = (
  objects: readonly KubeObject[],
  { host = 'a.example.com', ...rest }: Partial<Request> = {},
  complete = true,
): Decision =>
  decideRoute(viewOf(objects), requestTo(host, { caller: proxy, ...rest }), { regex: re2, complete })

const shownDestination = ({ host, port, percent, failure }: DecidedDestination): string =>
  [
    host.replace('.svc.cluster.local', '').replace('.shop', ''),
    ...(port === 80 ? [] : [`:${port}`]),
    ...(percent === 100 ? [] : [String(percent)]),
    ...(failure === undefined
      ? []
      : [`${statusOfFailure(failure)} ${failure.flag === 'NC' ? failure.missing : 'pods'}`]),
  ].join(' ')

/** Where a request goes: `catalog-v1 90, catalog-v2 10`, with what fails; `404 no-route`, `500`. */
export function goesTo(...asked: Parameters<typeof decide>): string {
  const { kind, status, redirect, reason, isPassedThrough, destinations, mirrors } = decide(...asked)
  if (isPassedThrough) return 'passed through'
  if (kind === 'none') return reason!
  if (kind === 'direct') return String(status)
  if (kind === 'redirect') return JSON.stringify(redirect)
  const copies = mirrors.map(each => `copy ${shownDestination(each)}`)
  return [...destinations.map(shownDestination), ...copies].join(', ')
}
