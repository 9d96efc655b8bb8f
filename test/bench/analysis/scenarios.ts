import type { Behaviour, SyntheticTraffic } from '../../../shared/analysis/synthetic/synthetic-traffic.ts'
import { usualBehaviour } from '../../../shared/analysis/synthetic/synthetic-traffic.ts'

/** A kind of rollout, and how it should end. */
export interface RolloutScenario {
  readonly name: string
  /** `promoted`, `rolled back`, or neither where there is nothing to judge by. */
  readonly expected: 'promoted' | 'rolled back' | 'neither'
  readonly traffic: Omit<SyntheticTraffic, 'seed'>
}

const usual = (): Behaviour => usualBehaviour
const withChange = (change: Partial<Behaviour>) => (): Behaviour => ({ ...usualBehaviour, ...change })
const between = (second: number, from: number, to: number): boolean => second >= from && second < to

const good = { rps: () => 100, version: usual, stable: usual }

/** The scenarios that are compared: 100 requests per second where they do not say otherwise. */
export const scenarios: readonly RolloutScenario[] = [
  { name: 'good canary', expected: 'promoted', traffic: good },
  { name: 'good canary, 10 requests/s', expected: 'promoted', traffic: { ...good, rps: () => 10 } },
  {
    name: 'good canary, failures come in bursts',
    expected: 'promoted',
    traffic: {
      ...good,
      version: withChange({ failures: 0.003 }),
      stable: withChange({ failures: 0.003 }),
      burstiness: 1,
    },
  },
  {
    name: 'outage of both for 5 minutes, good canary',
    expected: 'promoted',
    traffic: {
      ...good,
      version: second => ({ ...usualBehaviour, failures: between(second, 60, 360) ? 0.2 : 0.001 }),
      stable: second => ({ ...usualBehaviour, failures: between(second, 60, 360) ? 0.2 : 0.001 }),
    },
  },
  {
    name: 'one bad minute of the canary (5 % fail)',
    expected: 'promoted',
    traffic: {
      ...good,
      version: second => ({ ...usualBehaviour, failures: between(second, 90, 150) ? 0.05 : 0.001 }),
    },
  },
  {
    name: 'no traffic to the canary',
    expected: 'neither',
    traffic: { ...good, rps: () => 0 },
  },
  {
    name: '5 % more fail',
    expected: 'rolled back',
    traffic: { ...good, version: withChange({ failures: 0.051 }) },
  },
  {
    name: '1 % more fail',
    expected: 'rolled back',
    traffic: { ...good, version: withChange({ failures: 0.011 }) },
  },
  {
    name: '0.5 % more fail',
    expected: 'rolled back',
    traffic: { ...good, version: withChange({ failures: 0.006 }) },
  },
  {
    name: '1 % more fail, 10 requests/s',
    expected: 'rolled back',
    traffic: { ...good, rps: () => 10, version: withChange({ failures: 0.011 }) },
  },
  {
    name: 'durations 50 % longer',
    expected: 'rolled back',
    traffic: { ...good, version: withChange({ medianMs: 90 }) },
  },
  {
    name: '3 % of the requests take seconds',
    expected: 'rolled back',
    traffic: { ...good, version: withChange({ spread: 1.15 }) },
  },
  {
    name: 'slow burn: 0.5 % more fail each minute',
    expected: 'rolled back',
    traffic: {
      ...good,
      version: second => ({ ...usualBehaviour, failures: 0.001 + 0.005 * (second / 60) }),
    },
  },
]
