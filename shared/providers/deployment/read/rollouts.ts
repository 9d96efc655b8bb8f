import { refOf } from '../../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../../objects/kube-object.ts'
import type { OwnedObject } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService } from '../../../workloads/backings.ts'
import { rolloutsByTemplate } from '../../../workloads/workload-indexes.ts'

/** The Service whose pods are all those of one Argo Rollout, which alone says how many of each version there are. */
export function ownedByPods(view: ClusterView, { namespace, name }: RoutedService): readonly OwnedObject[] {
  const object = view.get({ kind: 'Service', namespace, name })
  if (object === undefined || view.list('Rollout', namespace).length === 0) return []
  const makers = (backingsOfService(view, object) ?? []).flatMap(
    ({ object: made }): readonly KubeObject[] => {
      if (made === undefined) return []
      const lent = view.find(rolloutsByTemplate, keyOf(refOf(made)))
      return lent.length > 0 ? lent : [made]
    },
  )
  const [maker, ...others] = new Set(makers)
  return maker === undefined || others.length > 0 || maker.kind !== 'Rollout'
    ? []
    : [{ object, owner: keyOf(refOf(maker)) }]
}
