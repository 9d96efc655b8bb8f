/** What one version does with requests at a time. */
export interface Behaviour {
  /** The part of the requests that fail, 0 to 1. */
  readonly failures: number
  /** Half of the requests take less than this many milliseconds. */
  readonly medianMs: number
  /** How far durations are spread: the standard deviation of their logarithm. */
  readonly spread: number
}

/** Made-up requests of a service during a rollout; times are seconds since its begin. */
export interface SyntheticTraffic {
  /** The same seed gives the same requests. */
  readonly seed: number
  /** Requests per second of both versions together. */
  readonly rps: (second: number) => number
  readonly version: (second: number) => Behaviour
  readonly stable: (second: number) => Behaviour
  /**
   * How much the failures of each scrape interval differ by more than chance: the standard deviation of the logarithm
   * of a factor, of each version for itself; 0 when left out.
   */
  readonly burstiness?: number
}

/** A service that behaves as most do: one of a thousand requests fails, and the P99 is 306 ms. */
export const usualBehaviour: Behaviour = { failures: 0.001, medianMs: 60, spread: 0.7 }
