import { controllers } from '../../controllers/controllers.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { serviceWord } from '../../objects/text/kubectl-commands.ts'
import type { ControlledRollout, Controller, PlacedName } from '../../routing/controller.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { firstLines } from '../find/first-ten.ts'
import { commandFor, type Target } from '../intent.ts'

/** The rollouts of controllers that own a Service, and with it decide who edits its routes. */
export const controlledOf = (view: ClusterView, service: PlacedName): readonly ControlledRollout[] =>
  controllers.flatMap(controller =>
    controller
      .rolloutsOf(view, { namespace: service.namespace, name: service.name })
      .map(object => asControlled(controller, object)),
  )

/** The one rollout whose pods alone are behind a Service that no rollout owns. */
export function rolloutBehind(view: ClusterView, service: PlacedName): ControlledRollout | undefined {
  const found = controllers.flatMap(controller =>
    controller
      .behind(view, { namespace: service.namespace, name: service.name })
      .map(object => asControlled(controller, object)),
  )
  return found.length === 1 ? found[0] : undefined
}

/** All rollouts of controllers in a namespace. */
export const controlledIn = (view: ClusterView, namespace: string): readonly ControlledRollout[] =>
  controllers.flatMap(controller =>
    view.list(controller.kind, namespace).map(object => asControlled(controller, object)),
  )

const asControlled = (controller: Controller, object: KubeObject): ControlledRollout => ({
  controller,
  object,
  owner: keyOf(refOf(object)),
})

/** The one of several rollouts; throws a CanaryError `ambiguous` that lists the command for each. */
export function requireOneRollout(
  view: ClusterView,
  target: Target,
  found: readonly ControlledRollout[],
): ControlledRollout | undefined {
  if (found.length < 2) return found[0]
  throw new CanaryError(
    'ambiguous',
    `${found.length} rollouts of controllers match: ${found.map(({ owner }) => owner).join(', ')}`,
    {
      hints: [
        'Choose one:',
        ...firstLines(
          found.map(
            ({ controller, object }) => `  ${commandFor(target, controller.serviceOf(view, object).name)}`,
          ),
        ),
      ],
    },
  )
}

/** How a rollout is named in a command: `catalog -n shop`. */
export const wordsFor = ({ name, namespace }: PlacedName): string => `${serviceWord(name)} -n ${namespace}`
