import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf, labelsOf, textOf } from '../../objects/unchecked.ts'
import type { PlacedName } from '../../routing/controller.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { rolloutFields, servicesNamed } from './rollout.ts'

/**
 * The Rollouts that own a Service: those that name it, or whose VirtualService routes its host; where there is no such
 * Service, the one of that name.
 */
export function rolloutsOf(view: ClusterView, service: PlacedName): readonly KubeObject[] {
  const rollouts = view.list('Rollout', service.namespace)
  if (rollouts.length === 0) return []
  const naming = rollouts.filter(rollout => namesOf(rollout).includes(service.name))
  if (naming.length > 0) return naming
  const routing = rollouts.filter(rollout => routesFor(view, rollout).includes(service.name))
  if (routing.length > 0) return routing
  const found = view.get({ kind: 'Service', ...service })
  return found === undefined ? rollouts.filter(({ metadata }) => metadata.name === service.name) : []
}

/** The Rollouts that name no Service, whose pods are all behind this one. */
export function behind(view: ClusterView, service: PlacedName): readonly KubeObject[] {
  const rollouts = view.list('Rollout', service.namespace)
  const found = rollouts.length === 0 ? undefined : view.get({ kind: 'Service', ...service })
  const selector = Object.entries(labelsOf(fieldsOf(found?.spec)['selector']))
  return rollouts.filter(rollout => isByReplicas(rollout) && hasLabels(rollout, selector))
}

/** The Service by which a person means a Rollout: the one of its name, else the one that gets what is stable. */
export function serviceOf(view: ClusterView, rollout: KubeObject): PlacedName {
  const namespace = namespaceOf(rollout)
  const own = { namespace, name: rollout.metadata.name }
  const isOwned = (service: PlacedName): boolean =>
    [...rolloutsOf(view, service), ...behind(view, service)].includes(rollout)
  const [stable] = servicesNamed(rolloutFields(rollout)).stable
  const others = [...(stable === undefined ? [] : [stable]), ...routesFor(view, rollout)]
  return [own, ...others.map(name => ({ namespace, name }))].find(isOwned) ?? own
}

function namesOf(rollout: KubeObject): readonly string[] {
  const { canary, stable, others } = servicesNamed(rolloutFields(rollout))
  return [...canary, ...stable, ...others]
}

/** The Services in its namespace that the VirtualServices of a Rollout lead to. */
function routesFor(view: ClusterView, rollout: KubeObject): readonly string[] {
  const namespace = namespaceOf(rollout)
  return virtualServicesOf(rollout).flatMap(name => {
    const route = view.get({ kind: 'VirtualService', namespace, name })
    return itemsOf(fieldsOf(route?.spec)['http']).flatMap(http =>
      itemsOf(fieldsOf(http)['route']).flatMap(part => {
        const host = textOf(fieldsOf(fieldsOf(part)['destination'])['host']) ?? ''
        const [service = '', inNamespace = namespace] = host.split('.')
        return inNamespace === namespace ? [service] : []
      }),
    )
  })
}

/** `spec.strategy.canary.trafficRouting.istio.virtualService(s)`. */
export function virtualServicesOf(rollout: KubeObject): readonly string[] {
  const istio = fieldsOf(fieldsOf(rolloutFields(rollout).canary?.['trafficRouting'])['istio'])
  return [istio['virtualService'], ...itemsOf(istio['virtualServices'])].flatMap(
    reference => textOf(fieldsOf(reference)['name']) ?? [],
  )
}

/** A canary by the number of pods alone, which names no Service. */
function isByReplicas(rollout: KubeObject): boolean {
  const { canary } = rolloutFields(rollout)
  return canary !== undefined && canary['trafficRouting'] === undefined && namesOf(rollout).length === 0
}

function hasLabels(rollout: KubeObject, selector: readonly (readonly [string, string])[]): boolean {
  const { spec } = rolloutFields(rollout)
  const labels = {
    ...labelsOf(fieldsOf(spec['selector'])['matchLabels']),
    ...labelsOf(fieldsOf(fieldsOf(spec['template'])['metadata'])['labels']),
  }
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value)
}
