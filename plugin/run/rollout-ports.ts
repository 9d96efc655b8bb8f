import type { MetricCheck } from '../../shared/analysis/check-result.ts'
import type { HookMoment } from '../../shared/rollout/rollout-plan.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import type { RolloutState } from '../../shared/rollout/rollout-state.ts'
import type { RolloutNews } from '../../shared/rollout/rollout-news.ts'

/** What the routes are brought to. */
export type RouteStep = 'stage' | 'promotion' | 'rollback'

/** What came of it. */
export type RouteEdit =
  /** They are as wanted; `print` says how. `byPods` is the share of the version where the numbers of pods decide it. */
  | { readonly kind: 'done'; readonly print: string | undefined; readonly byPods?: number | undefined }
  /** They are written, and the controller of their objects does not carry them out: a sentence without a full stop. */
  | { readonly kind: 'not-accepted'; readonly print: string | undefined; readonly why: string }
  /** The edit is refused as things are: a sentence without a full stop. */
  | { readonly kind: 'refused'; readonly why: string }
  /** A freeze holds it up: a sentence without a full stop. */
  | { readonly kind: 'held'; readonly why: string }
  | Interference

/** Somebody else changed the routes; `as` is what it comes to. */
export interface Interference {
  readonly kind: 'changed'
  readonly as: 'promoted' | 'aborted' | 'stopped'
  readonly why: string
}

/** The results of a check, or that the routes are not as the run left them. */
export type StageMeasured =
  { readonly kind: 'measured'; readonly results: readonly MetricCheck[] } | Interference

/** Everything that a run needs of the world; a simulation gives it others. */
export interface RolloutPorts {
  /** Brings the routes to the present stage, to promotion, or back. Fails where something does not answer. */
  edit(record: RolloutRecord, step: RouteStep): Promise<RouteEdit>
  /** Fails where the routes cannot be read; a source of metrics that does not answer is a result. */
  measure(record: RolloutRecord): Promise<StageMeasured>
  /** Why the next step must wait: a freeze, a gate that is closed; undefined where it may be made. */
  hold(record: RolloutRecord): Promise<string | undefined>
  /** Posts news where it is wanted; never fails. */
  hook(record: RolloutRecord, moment: HookMoment): Promise<void>
  /** Writes how far it is; gives it back with what others ordered. */
  save(state: RolloutState): Promise<RolloutRecord>
  /** Looks what others ordered. */
  look(): Promise<RolloutRecord>
  /** Whether the version is promoted, in the words of a person; undefined where nobody can be asked. */
  ask?(record: RolloutRecord): Promise<boolean>
  now(): Date
  /** Resolves after this many milliseconds; rejects where it is interrupted. */
  wait(milliseconds: number): Promise<void>
  report(news: RolloutNews, record: RolloutRecord): void
}
