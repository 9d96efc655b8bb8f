import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'

type Fields = Readonly<Record<string, unknown>>

/** The parts of a Rollout that its controller and its command line decide by. */
export interface RolloutFields {
  readonly spec: Fields
  readonly status: Fields
  /** `spec.strategy.canary`; undefined for blue/green. */
  readonly canary: Fields | undefined
  /** `spec.strategy.blueGreen`. */
  readonly blueGreen: Fields | undefined
  readonly steps: readonly Fields[]
  /** The new ReplicaSet is the stable one: nothing is under way (utils/rollout/rolloututil.go, IsFullyPromoted). */
  readonly isPromoted: boolean
  readonly isAborted: boolean
  readonly isPaused: boolean
  readonly pauseConditions: readonly unknown[]
}

/** What a Rollout says, checked by nobody. */
export function rolloutFields(rollout: KubeObject): RolloutFields {
  const [spec, status] = [fieldsOf(Reflect.get(rollout, 'spec')), fieldsOf(Reflect.get(rollout, 'status'))]
  const strategy = fieldsOf(spec['strategy'])
  const [canary, blueGreen] = [strategy['canary'], strategy['blueGreen']].map(part =>
    isFields(part) ? part : undefined,
  )
  return {
    spec,
    status,
    canary,
    blueGreen,
    steps: itemsOf(canary?.['steps']).map(fieldsOf),
    isPromoted: textOf(status['stableRS']) === textOf(status['currentPodHash']),
    isAborted: status['abort'] === true,
    isPaused: spec['paused'] === true,
    pauseConditions: itemsOf(status['pauseConditions']),
  }
}

/** The present step from 0; undefined where there are none (utils/replicaset/canary.go, GetCurrentCanaryStep). */
export const stepIndexOf = ({ steps, status }: RolloutFields): number | undefined =>
  steps.length === 0 ? undefined : (numberOf(status['currentStepIndex']) ?? 0)

/** The Services that a Rollout names: https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
export function servicesNamed({ canary, blueGreen }: RolloutFields): {
  readonly canary: readonly string[]
  readonly stable: readonly string[]
  readonly others: readonly string[]
} {
  const trafficRouting = fieldsOf(canary?.['trafficRouting'])
  const pingPong = fieldsOf(canary?.['pingPong'])
  const texts = (...values: readonly unknown[]): readonly string[] =>
    values.flatMap(value => textOf(value) ?? [])
  return {
    canary: texts(canary?.['canaryService'], blueGreen?.['previewService']),
    stable: texts(canary?.['stableService'], blueGreen?.['activeService']),
    others: texts(
      pingPong['pingService'],
      pingPong['pongService'],
      fieldsOf(trafficRouting['alb'])['rootService'],
      fieldsOf(trafficRouting['smi'])['rootService'],
    ),
  }
}

/** A step in a few words: `setWeight 20`, `pause 10m`, `setHeaderRoute internal`. */
export function formatStep(step: Fields): string {
  const [kind = 'unknown'] = Object.keys(step)
  const value = step[kind]
  const inside = fieldsOf(value)
  const more = isFields(value) ? (inside['duration'] ?? inside['weight'] ?? inside['name']) : value
  return ['string', 'number'].includes(typeof more) ? `${kind} ${String(more)}` : kind
}

/**
 * What ends the pause of a blue-green Rollout before its switch (needsBlueGreenControllerPause and
 * CompletedBlueGreenPause in rollout/bluegreen.go and pause.go); undefined for a canary.
 */
export function promotionOf({ blueGreen }: RolloutFields): string | undefined {
  if (blueGreen === undefined) return undefined
  const analyses = (['prePromotionAnalysis', 'postPromotionAnalysis'] as const)
    .filter(key => isFields(blueGreen[key]))
    .map(key => `, ${key === 'prePromotionAnalysis' ? 'after' : 'then'} ${key}`)
  const seconds = numberOf(blueGreen['autoPromotionSeconds']) ?? 0
  const how =
    blueGreen['autoPromotionEnabled'] === false
      ? 'by a person (autoPromotionEnabled: false)'
      : seconds > 0
        ? `${seconds} s after its pods are ready (autoPromotionSeconds)`
        : 'as soon as its pods are ready'
  return [how, ...analyses].join('')
}
