import type { KubeObject } from '../objects/kube-object.ts'
import { podTemplatesOf } from '../objects/pod-templates.ts'
import { fieldsOf, numberOf } from '../objects/unchecked.ts'
import type { PlanStep } from '../routing/provider.ts'
import type { Change } from '../view/change.ts'

/**
 * Orders changes so that at no time a route leads to a Service that is not there, or whose pods are gone: Services and
 * pods first, then routes, then what is removed.
 */
export function arrangedAround(
  changes: readonly Change[],
  isRoute: (object: KubeObject) => boolean,
): readonly PlanStep[] {
  const isOfRoutes = ({ before, after }: Change): boolean => isRoute((after ?? before)!)
  const routes = changes.filter(isOfRoutes)
  const others = changes.filter(change => !isOfRoutes(change))
  const removing = others.filter(isRemoval)
  const adding = others.filter(change => !isRemoval(change))
  return [
    ...adding.map(change => ({ change })),
    ...routes.map((change, i): PlanStep =>
      i === 0 && adding.some(addsEndpoints) ? { change, waits: 'served' } : { change },
    ),
    ...removing.map((change, i): PlanStep =>
      i === 0 && routes.length > 0 ? { change, waits: 'drained' } : { change },
    ),
  ]
}

/** A deletion, or fewer pods. */
const isRemoval = ({ before, after }: Change): boolean =>
  before !== undefined && (after === undefined || replicasOf(after) < replicasOf(before))

/** A new Service, or more pods. */
const addsEndpoints = ({ before, after }: Change): boolean =>
  after !== undefined && (before === undefined || replicasOf(after) > replicasOf(before))

function replicasOf(object: KubeObject): number {
  if (podTemplatesOf(object).length === 0) return 0
  return numberOf(fieldsOf(Reflect.get(object, 'spec'))['replicas']) ?? 1
}
