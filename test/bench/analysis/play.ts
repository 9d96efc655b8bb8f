/** What both rules are given: those of Flagger's release in the scenario. Durations are seconds. */
export interface Parameters {
  readonly interval: number
  readonly threshold: number
  readonly step: number
  readonly max: number
  readonly minSuccess: number
  readonly maxMs: number
  /** After so long it is still running. */
  readonly limit: number
}

/** How a rollout ended, and after how many seconds. */
export interface Played {
  readonly end: 'promoted' | 'failed' | 'no-data' | 'running'
  readonly seconds: number
}

export const parameters: Parameters = {
  interval: 45,
  threshold: 5,
  step: 10,
  max: 50,
  minSuccess: 99,
  maxMs: 500,
  limit: 7200,
}
