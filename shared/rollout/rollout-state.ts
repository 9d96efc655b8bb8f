import type { MetricCheck, CheckVerdict } from '../analysis/check-result.ts'

/** All checks of one moment, and what they say together. */
export interface RolloutCheck {
  /** RFC 3339. */
  readonly at: string
  /** `fail` where one fails, else `no-data` where one has none. */
  readonly verdict: CheckVerdict
  readonly results: readonly MetricCheck[]
  /** Why the stage could not be entered, which counts as a failed check. */
  readonly refused?: string
}

/** What has happened at one stage. */
export interface StageProgress {
  /** When its routes were written, RFC 3339; left out until then. */
  readonly since?: string
  /** In percent, where the numbers of pods gave the version another share than the stage asks for. */
  readonly byPods?: number
  /** How many of its checks passed, failed and had no data. */
  readonly passed: number
  readonly failed: number
  readonly noData: number
  /** The last checks, the newest last. */
  readonly checks: readonly RolloutCheck[]
}

/** Where a rollout is. */
export type RolloutStatus =
  | 'running'
  /** A person has to say whether the version is promoted. */
  | 'confirming'
  | 'promoting'
  | 'rolling-back'
  /** The ends. */
  | 'promoted'
  /** The checks failed, and everything is back at stable. */
  | 'failed'
  /** There was nothing to judge by, and everything is back at stable. */
  | 'no-data'
  /** It took longer than it may, and everything is back at stable. */
  | 'timed-out'
  /** A person took everything back to stable. */
  | 'aborted'
  /** The routes were changed by somebody else, and stay as they are. */
  | 'stopped'

/** Why everything goes back to stable. */
export type RollbackCause = Extract<RolloutStatus, 'failed' | 'no-data' | 'timed-out'>

/** Somebody who gave an order, and when. */
export interface Order {
  readonly by?: string
  /** RFC 3339. */
  readonly at: string
  readonly reason?: string
}

/** How far a rollout is: data that is kept in the cluster. */
export interface RolloutState {
  readonly status: RolloutStatus
  /** Index of the present stage. */
  readonly stage: number
  /** Failed checks that count. */
  readonly failures: number
  /** Since when there was no data, RFC 3339. */
  readonly noDataSince?: string
  /** One for each stage that was begun. */
  readonly progress: readonly StageProgress[]
  /** Who holds it at this stage. */
  readonly paused?: Order
  /** What keeps it from the next stage or from promotion: a freeze, a gate, too few pods. */
  readonly held?: string
  /** Since when the promotion is refused, RFC 3339. */
  readonly refusedSince?: string
  /** As what it ends when everything is back at stable. */
  readonly cause?: RollbackCause
  /** Why it failed, or was stopped: a sentence without a full stop. */
  readonly why?: string
  /** The routes as the last edit left them: see `trafficPrint`. */
  readonly print?: string
  /** When it ended, RFC 3339. */
  readonly ended?: string
}

const ends = ['promoted', 'failed', 'no-data', 'timed-out', 'aborted', 'stopped'] as const

/** Every status that a run can have. */
export const statuses: readonly RolloutStatus[] = [
  'running',
  'confirming',
  'promoting',
  'rolling-back',
  ...ends,
]

/** Whether nothing more will happen. */
export const isOver = ({ status }: Pick<RolloutState, 'status'>): boolean => ends.some(end => end === status)

/** How a run ended, as the end of a sentence about its version. */
export const endOf = ({ status, why }: Pick<RolloutState, 'status' | 'why'>): string => {
  const because = why === undefined ? '' : `: ${why}`
  return `${endings[status] ?? 'was stopped without a rollback'}${because}`
}

const endings: Readonly<Partial<Record<RolloutStatus, string>>> = {
  promoted: 'was promoted',
  failed: 'failed and was rolled back',
  'no-data': 'had no data to judge by and was rolled back',
  'timed-out': 'took too long and was rolled back',
  aborted: 'was aborted',
}

const unbegun: StageProgress = { passed: 0, failed: 0, noData: 0, checks: [] }

/** Before the first write. */
export const beginning: RolloutState = { status: 'running', stage: 0, failures: 0, progress: [unbegun] }

/** The present stage. */
export const presentOf = ({ progress, stage }: RolloutState): StageProgress => progress[stage] ?? unbegun

/** When a stage was entered or last checked, whichever is later, RFC 3339: its next check is an interval after that. */
export const checkedAt = ({ since, checks }: StageProgress): string | undefined =>
  [since, checks.at(-1)?.at]
    .filter(at => at !== undefined)
    .toSorted()
    .at(-1)

/** The results with which the stages before the present one were passed: a check is judged together with them. */
export const passedBefore = ({ progress, stage }: RolloutState): readonly MetricCheck[] =>
  progress.slice(0, stage).flatMap(({ checks }) => checks.at(-1)?.results ?? [])

/** The state with the present stage changed. */
export const withPresent = (state: RolloutState, present: StageProgress): RolloutState => ({
  ...state,
  progress: [...state.progress.slice(0, state.stage), present],
})

/** The routes of the present stage are written. */
export const entered = (state: RolloutState, at: string, print: string | undefined): RolloutState => ({
  ...withPresent(state, { ...presentOf(state), since: at }),
  ...(print !== undefined && { print }),
})

/** The next stage, of which nothing is written yet. */
export const nextStage = ({ held: _, ...state }: RolloutState): RolloutState => ({
  ...state,
  stage: state.stage + 1,
  progress: [...state.progress, unbegun],
})
