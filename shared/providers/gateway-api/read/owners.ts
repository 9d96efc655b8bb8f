import { controllerOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { isReleased } from '../../../workloads/released.ts'
import { serviceMeantBy } from './services/applications.ts'
import { routesTo } from './rules/routed-rules.ts'

/**
 * `Canary shop/catalog-release`: the controller that rewrites a route, by owner reference or because an Argo
 * Rollout names it for its plugin of the Gateway API.
 */
export function ownerOf(view: ClusterView, object: KubeObject): string | undefined {
  const owner = controllerOf(object)
  if (owner !== undefined) return `${owner.kind} ${namespaceOf(object)}/${owner.name}`
  const rollout = view
    .list('Rollout')
    .find(candidate => namedBy(candidate).includes(`${object.kind} ${nameOf(object)}`))
  return rollout === undefined ? undefined : `Rollout ${nameOf(rollout)}`
}

const nameOf = (object: KubeObject): string => `${namespaceOf(object)}/${object.metadata.name}`

/**
 * The routes that an Argo Rollout shifts: `trafficRouting.plugins["argoproj-labs/gatewayAPI"]`
 * (https://rollouts-plugin-trafficrouter-gatewayapi.readthedocs.io/).
 */
function namedBy(rollout: KubeObject): readonly string[] {
  const plugin = [
    'spec',
    'strategy',
    'canary',
    'trafficRouting',
    'plugins',
    'argoproj-labs/gatewayAPI',
  ].reduce((value, key) => fieldsOf(value[key]), rollout as unknown as Readonly<Record<string, unknown>>)
  const namespace = textOf(plugin['namespace']) ?? namespaceOf(rollout)
  const named = (kind: string, one: unknown, many: unknown): readonly string[] =>
    [one, ...itemsOf(many).map(item => fieldsOf(item)['name'])].flatMap(name =>
      textOf(name) === undefined ? [] : [`${kind} ${namespace}/${textOf(name)!}`],
    )
  return [
    ...named('HTTPRoute', plugin['httpRoute'], plugin['httpRoutes']),
    ...named('GRPCRoute', plugin['grpcRoute'], plugin['grpcRoutes']),
  ]
}

/** The routes of a service that a controller rewrites now. */
export const ownedObjects = (view: ClusterView, said: RoutedService): readonly OwnedObject[] =>
  routesTo(view, serviceMeantBy(view, said)).flatMap(object => ownedObject(view, object) ?? [])

/** The object with its owner, where a controller rewrites it now. */
export function ownedObject(view: ClusterView, object: KubeObject): OwnedObject | undefined {
  const owner = ownerOf(view, object)
  return owner === undefined || isReleased(view, object) ? undefined : { object, owner }
}
