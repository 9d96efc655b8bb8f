import type { Ref } from '../../objects/kube-object.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { OwnedPlace, OwnedVerb } from '../../routing/controller.ts'
import { canaryFields } from './canary.ts'

/**
 * What to do at a Canary instead of an edit by hand: https://docs.flagger.app/usage/how-it-works and
 * .../deployment-strategies
 */
export const instead = (verb: OwnedVerb, asked: OwnedPlace): readonly string[] => advice[verb](asked)

const advice: Readonly<Record<OwnedVerb, (asked: OwnedPlace) => readonly string[]>> = {
  init: ({ edit }) => [`Its routes are those of spec.service: ${edit}`],
  cohort: ({ edit }) => [`Send a cohort with spec.analysis.match: ${edit}`],
  weight: asked => [
    `Set the shares with spec.analysis.stepWeight, stepWeights and maxWeight: ${asked.edit}`,
    ...byHand(asked),
  ],
  mirror: ({ edit }) => [`Mirror with spec.analysis.mirror and mirrorWeight: ${edit}`],
  promote: asked =>
    asked.object === undefined
      ? [
          `Promote without more analysis: ${patchCommand(refOf(asked), 'merge', { spec: { skipAnalysis: true } })}`,
        ]
      : [onCluster(asked, `promote ${asked.named} --full`)],
  abort: asked =>
    asked.object === undefined ? [backWithTarget] : [onCluster(asked, `abort ${asked.named}`)],
  undo: ({ object }) => {
    if (object === undefined) return [backWithTarget]
    const { kind, name } = canaryFields(object).target
    return [`Flagger goes back when ${kind} ${name} does: change its pod template.`]
  },
  cleanup: () => [
    'Nothing is left over: Flagger scales its target down after each release, and uses its Services and routes again.',
  ],
}

const backWithTarget = 'Flagger goes back when the workload in spec.targetRef does: change its pod template.'

const refOf = ({ owner }: OwnedPlace): Ref => ({ kind: 'Canary', ...owner })

/** Only while it is suspended. */
const byHand = ({ object, named, files }: OwnedPlace): readonly string[] =>
  object === undefined || canaryFields(object).isSuspended
    ? []
    : [`To set them by hand, suspend it first: ${['kubectl canary pause', named, files].join(' ').trimEnd()}`]

const onCluster = ({ live }: OwnedPlace, words: string): string =>
  `${live ? 'Ask Flagger' : 'On the cluster'}: kubectl canary ${words}`
