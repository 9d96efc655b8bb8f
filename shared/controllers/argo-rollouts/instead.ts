import type { OwnedPlace, OwnedVerb } from '../../routing/controller.ts'
import { rolloutFields, servicesNamed } from './rollout.ts'

/**
 * What to do at a Rollout instead of an edit by hand:
 * https://argo-rollouts.readthedocs.io/en/stable/features/canary/ and .../bluegreen/, .../traffic-management/
 */
export function instead(verb: OwnedVerb, asked: OwnedPlace): readonly string[] {
  const fields = asked.object === undefined ? undefined : rolloutFields(asked.object)
  const colours = fields?.blueGreen === undefined ? undefined : servicesNamed(fields)
  const isAborted = fields?.isAborted === true && !fields.isPromoted
  const own = colours === undefined ? canary[verb] : blueGreen(colours.canary, isAborted)[verb]
  return [...(own?.(asked) ?? []), ...(orders[verb]?.(asked) ?? [])]
}

type Advice = Readonly<Partial<Record<OwnedVerb, (asked: OwnedPlace) => readonly string[]>>>

const steps = 'spec.strategy.canary.steps'

const canary: Advice = {
  init: ({ edit }) => [`Its routes are those of spec.strategy.canary.trafficRouting: ${edit}`],
  cohort: ({ edit }) => [`Send a cohort with a step setHeaderRoute in ${steps}: ${edit}`],
  weight: ({ edit }) => [`Set the share with a step setWeight in ${steps}: ${edit}`],
  mirror: ({ edit }) => [`Mirror with a step setMirrorRoute in ${steps}: ${edit}`],
}

/** All requests go to one of two versions, so that no share and no cohort can be set. */
function blueGreen([preview]: readonly string[], isAborted: boolean): Advice {
  const switched = ({ live, named }: OwnedPlace): readonly string[] =>
    live
      ? [
          isAborted
            ? `To roll the new version out again: kubectl canary retry ${named}`
            : `To send all requests to the new version: kubectl canary promote ${named} --step`,
        ]
      : ['All requests go to the active version until the new one is promoted.']
  const shown = preview === undefined ? [] : [`Who asks Service ${preview} gets the new version before.`]
  const canaryStep = (what: string, { edit }: OwnedPlace): string =>
    `A blue-green Rollout has no ${what}; spec.strategy.canary would: ${edit}`
  return {
    init: ({ edit }) => [
      `Its Services are spec.strategy.blueGreen.activeService and previewService: ${edit}`,
    ],
    cohort: asked => [canaryStep('cohorts', asked), ...shown, ...switched(asked)],
    weight: asked => [canaryStep('shares', asked), ...shown, ...switched(asked)],
    mirror: asked => [canaryStep('mirrors', asked), ...shown],
  }
}

/** Its own command line is named where the Rollout is not in view, as `kubectl canary` has no way to it then. */
const order =
  (words: (named: string) => string) =>
  ({ named, live, object, owner: { name, namespace } }: OwnedPlace): readonly string[] => [
    object === undefined
      ? `Ask its controller: kubectl argo rollouts ${words(`${name} -n ${namespace}`)}`
      : `${live ? 'Ask its controller' : 'On the cluster'}: kubectl canary ${words(named)}`,
  ]

const orders: Advice = {
  promote: order(named => `promote ${named} --full`),
  abort: order(named => `abort ${named}`),
  undo: order(named => `undo ${named}`),
  cleanup: () => [
    'Nothing is left over: its controller scales old ReplicaSets down, and keeps spec.revisionHistoryLimit of them.',
  ],
}
