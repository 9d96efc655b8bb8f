import { refOf } from '../../objects/kinds.ts'
import { namespaceOf, type Ref } from '../../objects/kube-object.ts'
import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { fieldsOf, itemsOf, textOf } from '../../objects/unchecked.ts'
import type { ForeignRouting } from '../../routing/foreign.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView, Index } from '../../view/cluster-view.ts'

/** `namespace/name` of the Services that a route sends requests to, or is attached to in the mesh. */
function servicesOf(route: ServiceRoute): readonly string[] {
  const { parentRefs, rules } = fieldsOf(route.spec)
  const named = (reference: unknown, kind: string): readonly string[] => {
    const { group = kind === 'Service' ? '' : kind, kind: of = kind, name, namespace } = fieldsOf(reference)
    const isService = of === 'Service' && (group === '' || group === 'core')
    const text = textOf(name)
    return isService && text !== undefined ? [`${textOf(namespace) ?? namespaceOf(route)}/${text}`] : []
  }
  const backends = itemsOf(rules).flatMap(rule => itemsOf(fieldsOf(rule)['backendRefs']))
  return [
    ...new Set([
      ...backends.flatMap(reference => named(reference, 'Service')),
      ...itemsOf(parentRefs).flatMap(reference => named(reference, 'Gateway')),
    ]),
  ]
}

const httpRoutes: Index<'HTTPRoute'> = { kind: 'HTTPRoute', keysOf: servicesOf }
const grpcRoutes: Index<'GRPCRoute'> = { kind: 'GRPCRoute', keysOf: servicesOf }

const routesOf = (view: ClusterView, { namespace, name, host }: RoutedService): readonly Ref[] =>
  host === undefined
    ? [
        ...view.find(httpRoutes, `${namespace}/${name}`),
        ...view.find(grpcRoutes, `${namespace}/${name}`),
      ].map(refOf)
    : []

/** The HTTPRoutes and GRPCRoutes of the Gateway API. */
export const gatewayApi: ForeignRouting = {
  name: 'gateway-api',
  reads: ['HTTPRoute', 'GRPCRoute'],
  routes: routesOf,
  services: (view, namespace) =>
    [...new Set([...view.list('HTTPRoute'), ...view.list('GRPCRoute')].flatMap(servicesOf))]
      .map(key => {
        const [of = '', name = ''] = key.split('/')
        return { name, namespace: of, clusterDomain: view.mesh.clusterDomain }
      })
      .filter(service => namespace === '*' || service.namespace === namespace),
}
