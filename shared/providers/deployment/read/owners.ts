import { controllerOf, namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { podGroupsOf } from '../resolve/pod-groups.ts'
import { ownedByPods } from './rollouts.ts'

/**
 * The Service and Deployments of a service that a controller made, and would set back: by owner reference; a
 * Service of a Rollout's pods.
 */
export function ownedObjects(view: ClusterView, service: RoutedService): readonly OwnedObject[] {
  const byPods = ownedByPods(view, service)
  const found = podGroupsOf(view, service)
  if (found === undefined || byPods.length > 0) return byPods
  const { namespace } = service
  const deployments = found.groups.flatMap(({ workloads }) =>
    workloads.flatMap(({ kind, name }) =>
      kind === 'Deployment' ? (view.get({ kind: 'Deployment', namespace, name }) ?? []) : [],
    ),
  )
  return [found.object, ...deployments].flatMap((object: KubeObject) => {
    const owner = controllerOf(object)
    return owner === undefined
      ? []
      : [{ object, owner: `${owner.kind} ${namespaceOf(object)}/${owner.name}` }]
  })
}

/** The first of them. */
export const ownerOf = (view: ClusterView, service: RoutedService): OwnedObject | undefined =>
  ownedObjects(view, service)[0]
