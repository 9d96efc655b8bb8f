import { controlledIn } from '../../../shared/plan/controllers/controlled.ts'
import { controlledWithVersions } from '../../../shared/plan/controllers/controlled-versions.ts'
import type { OwningController, RolloutOwners } from '../../../shared/readiness/subject.ts'
import type { ControlledRollout } from '../../../shared/routing/controller.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'

/** The controllers that own services of a view. */
export function ownersIn(view: ClusterView): RolloutOwners {
  const owning = ({ controller, object, owner }: ControlledRollout): OwningController => ({
    title: controller.title,
    owner,
    kind: controller.kind,
    state: controller.state(view, object, []),
    target: controller.targetOf?.(object),
  })
  return {
    ofService: service => {
      const [found] = controlledWithVersions(view, service)
      return found === undefined ? undefined : owning(found)
    },
    in: namespace => controlledIn(view, namespace).map(owning),
  }
}
