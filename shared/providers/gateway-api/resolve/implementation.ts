import type { RouteGateway } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { routesAtGateway } from './indexes.ts'
import type { RegexPlace } from './precedence.ts'
import { isGateway, parentOf } from './references.ts'

/**
 * The name of the controller of a Gateway, as it says it in the status of routes (`istio.io/gateway-controller`);
 * undefined where none has said anything, as in files.
 */
export const controllerAt = (view: ClusterView, gateway: RouteGateway): string | undefined =>
  once(view, [controllerAt, gateway], () => {
    const [namespace, { name }] = [namespaceOf(gateway), gateway.metadata]
    for (const route of routesAtGateway(view, `${namespace}/${name}`))
      for (const status of itemsOf(fieldsOf(route.status)['parents']).map(fieldsOf)) {
        const parent = parentOf(route, fieldsOf(status['parentRef']))
        const controller = textOf(status['controllerName'])
        const isIts = isGateway(parent) && parent.namespace === namespace && parent.name === name
        if (isIts && controller !== undefined) return controller
      }
    return undefined
  })

/** Where the implementation of a Gateway tries regexes on paths; one of which nothing is known is taken for Istio. */
export function regexPlaceAt(view: ClusterView, gateway: RouteGateway): RegexPlace {
  const said = controllerAt(view, gateway) ?? textOf(fieldsOf(gateway.spec)['gatewayClassName']) ?? 'istio'
  return said.includes('istio') ? 'after-prefixes' : 'before-prefixes'
}
