import { namespaceOf, type KubeObject, type Ref } from '../kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../unchecked.ts'

/**
 * The routing objects that an Argo Rollout shifts, whether they are there or not: of Istio
 * (`spec.strategy.canary.trafficRouting.istio.virtualService(s)`, by `NAME` or `NAME.NAMESPACE`), of the Gateway
 * API by its plugin (https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/), and of APISIX
 * (https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/apisix/).
 */
export function routesOfRollout(rollout: KubeObject): readonly Ref[] {
  const { trafficRouting } = canaryOf(rollout)
  const istio = fieldsOf(trafficRouting['istio'])
  const plugin = fieldsOf(fieldsOf(trafficRouting['plugins'])['argoproj-labs/gatewayAPI'])
  const apisix = textOf(fieldsOf(fieldsOf(trafficRouting['apisix'])['route'])['name'])
  const own = namespaceOf(rollout)
  const namespace = textOf(plugin['namespace']) ?? own
  const ofPlugin = (kind: Ref['kind'], key: string): readonly Ref[] =>
    [plugin[key], ...namesIn(plugin[`${key}s`])].flatMap(name =>
      textOf(name) === undefined ? [] : [{ kind, namespace, name: textOf(name)! }],
    )
  return [
    ...virtualServicesIn(istio).flatMap(entry => virtualServiceRef(entry, own) ?? []),
    ...ofPlugin('HTTPRoute', 'httpRoute'),
    ...ofPlugin('GRPCRoute', 'grpcRoute'),
    ...(apisix === undefined ? [] : [{ kind: 'ApisixRoute', namespace: own, name: apisix } as const]),
  ]
}

/** A route or rule of a routing object. */
export interface RoutePart {
  readonly name: string | undefined
  /** It is for TCP or TLS: without names, a Rollout writes the first of these, too. */
  readonly isConnection?: boolean
  /** The names of the Services that it leads to. */
  readonly services: readonly string[]
}

/**
 * Whether an Argo Rollout writes a route of a routing object that it names: of a VirtualService those of `routes`, where
 * there are any (GetHttpRouteIndexesToPatch in rollout/trafficrouting/istio/istio.go), of an ApisixRoute the `rules`
 * (apisix.go), of the Gateway API the rules to its Services (getBackendRefs of the plugin), and any
 * where it adds header routes, because it finds these by their index.
 */
export function writesPart(rollout: KubeObject, { kind, namespace, name }: Ref, part: RoutePart): boolean {
  const { canary, trafficRouting } = canaryOf(rollout)
  const managed = namesIn(trafficRouting['managedRoutes'])
  if (kind === 'VirtualService') {
    const entries = virtualServicesIn(fieldsOf(trafficRouting['istio'])).filter(entry => {
      const ref = virtualServiceRef(entry, namespaceOf(rollout))
      return ref?.namespace === namespace && ref.name === name
    })
    const named = entries.map(({ routes }) => itemsOf(routes))
    return (
      part.isConnection === true
      || named.some(routes => routes.length === 0)
      || [...named.flat(), ...managed].includes(part.name)
    )
  }
  if (kind === 'ApisixRoute') {
    const { rules } = fieldsOf(fieldsOf(trafficRouting['apisix'])['route'])
    return !Array.isArray(rules) || rules.includes(part.name)
  }
  const own = [canary['canaryService'], canary['stableService']]
  return managed.length > 0 || part.services.some(service => own.includes(service))
}

type Fields = Readonly<Record<string, unknown>>

function canaryOf(rollout: KubeObject): { readonly canary: Fields; readonly trafficRouting: Fields } {
  const canary = fieldsOf(fieldsOf(fieldsOf(Reflect.get(rollout, 'spec'))['strategy'])['canary'])
  return { canary, trafficRouting: fieldsOf(canary['trafficRouting']) }
}

const virtualServicesIn = (istio: Fields): readonly Fields[] =>
  [istio['virtualService'], ...itemsOf(istio['virtualServices'])].map(fieldsOf)

function virtualServiceRef(entry: Fields, own: string): Ref | undefined {
  const [name = '', namespace = own] = (textOf(entry['name']) ?? '').split('.')
  return name === '' ? undefined : { kind: 'VirtualService', namespace, name }
}

const namesIn = (list: unknown): readonly unknown[] => itemsOf(list).map(item => fieldsOf(item)['name'])
