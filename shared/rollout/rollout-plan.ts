import type { AnalysisMetric } from '../analysis/metric.ts'
import type { Condition } from '../routing/condition.ts'

/** Who gets the version while it is judged; percentages are whole numbers. */
export type Stage =
  /** It gets copies of this part of the requests, and nobody gets its answers. */
  | { readonly kind: 'mirror'; readonly percent: number }
  /** This part of all requests, 1 to 100. */
  | { readonly kind: 'weight'; readonly percent: number }
  /** This part of the requests of the cohort, 1 to 100. */
  | { readonly kind: 'cohort'; readonly percent: number }

/** The requests that get the version, where it is judged by a part of the callers. */
export interface RolloutCohort {
  readonly name: string
  readonly conditions: readonly Condition[]
}

/** When a hook is called. */
export type HookMoment = 'start' | 'step' | 'promotion' | 'rollback' | 'end'

/** Where news of a rollout is posted. */
export interface RolloutHook {
  readonly url: string
  /** All of them when left out. */
  readonly on?: readonly HookMoment[]
  /** The body with `{{ service }}` and the like; the payload of Flagger's webhooks when left out. */
  readonly template?: string
}

/** How a version is delivered: data that is kept with the run. Durations are seconds. */
export interface RolloutPlan {
  /** At least one. */
  readonly stages: readonly Stage[]
  /** Of the stages of a cohort. */
  readonly cohort?: RolloutCohort
  /** From a change of the shares to the first check, and between two checks. */
  readonly interval: number
  /** How many checks a stage has to pass; stages without an answer in the list take the last one. */
  readonly checks: number
  /** After so many failed checks everything goes back to stable. */
  readonly threshold: number
  /** Whether a passed check forgives the failed ones before it. */
  readonly failures: 'consecutive' | 'total'
  /** Whether the version is promoted after the last stage, or a person is waited for. */
  readonly promote: 'auto' | 'confirm'
  readonly metrics: readonly AnalysisMetric[]
  /** The fewest requests of each version for a verdict. */
  readonly minRequests: number
  /** Of intervals and tests, between 0 and 1. */
  readonly confidence: number
  /** A check without data waits for the next one, or counts as failed. */
  readonly onNoData: 'wait' | 'fail'
  /** After so long without data everything goes back to stable. */
  readonly noDataDeadline: number
  /** After so long the run is over; without an end when left out. */
  readonly timeout?: number
  /** What has to answer 2xx before each step forward. */
  readonly gates: readonly string[]
  readonly hooks: readonly RolloutHook[]
}

/** How the stages of a rollout are said. */
export interface StageWords {
  /** `--steps 1,5,10`. */
  readonly steps?: readonly number[] | undefined
  /** `--step 10 --max 50`: 10, 20, 30, 40, 50. */
  readonly step?: number | undefined
  readonly max?: number | undefined
  /** Copies of requests first. */
  readonly mirror?: number | undefined
  /** The stages are of a cohort. */
  readonly ofCohort: boolean
  /** Without shares in between: only the mirror, the cohort or nothing comes before promotion. */
  readonly atOnce: boolean
}

/** The stages that were asked for, in order. */
export function stagesOf({ steps, step, max, mirror, ofCohort, atOnce }: StageWords): readonly Stage[] {
  const kind = ofCohort ? 'cohort' : 'weight'
  const percents = atOnce ? (ofCohort ? [100] : []) : (steps ?? percentsUpTo(step ?? 10, max ?? 50))
  return [
    ...(mirror === undefined ? [] : [{ kind: 'mirror', percent: mirror } as const]),
    ...percents.map(percent => ({ kind, percent }) as const),
  ]
}

/** 10, 20, … max: the last stage is the maximum, also where no step ends there. */
function percentsUpTo(step: number, max: number): readonly number[] {
  const before = Array.from({ length: Math.ceil(max / step) - 1 }, (_, i) => (i + 1) * step)
  return [...before, max]
}
