import { binomialDraw, normalDraw, poissonDraw, seeded, type Random } from '../../statistics/random.ts'
import { normalTail } from '../../statistics/normal.ts'
import { windowsOf } from '../measuring/windows.ts'
import {
  measurementOf,
  type CounterPair,
  type PlayedService,
  type VersionCounters,
} from './played-service.ts'
import type { Behaviour, SyntheticTraffic } from './synthetic-traffic.ts'

/** The bounds of Istio's histogram in milliseconds, without those that no request of a usual service needs. */
const bounds = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, Infinity]

const nothing: VersionCounters = {
  requests: 0,
  failures: 0,
  buckets: bounds.map(le => ({ le, count: 0 })),
}

/** A service under simulated traffic, whose counters are scraped. */
export interface SyntheticService extends PlayedService {
  /** What was counted in the last seconds of scrapes. */
  countedOver(window: number): CounterPair
}

/** Makes one, at its begin. */
export function syntheticService(traffic: SyntheticTraffic, scrapeSeconds = 15): SyntheticService {
  const random = seeded(traffic.seed)
  /** The counters at each scrape. */
  const scrapes: CounterPair[] = [{ version: nothing, stable: nothing }]
  let second = 0
  let share = 0
  const countedOver = (window: number): CounterPair => {
    const back = Math.max(1, Math.floor(window / scrapeSeconds))
    const [last, first] = [scrapes.at(-1)!, scrapes[Math.max(0, scrapes.length - 1 - back)]!]
    return {
      version: difference(last.version, first.version),
      stable: difference(last.stable, first.stable),
    }
  }
  return {
    advance: (to, routed) => {
      share = routed
      for (; second + scrapeSeconds <= to; second += scrapeSeconds)
        scrapes.push(scraped(scrapes.at(-1)!, { traffic, second, share, scrapeSeconds, random }))
    },
    countedOver,
    measurement: (metric, since) => {
      const at = (seconds: number) => new Date(seconds * 1000)
      const windows = windowsOf(metric, {
        scrapeInterval: { seconds: scrapeSeconds },
        since: at(since),
        now: at(second),
      }).map(seconds => ({ seconds, ...countedOver(seconds) }))
      return measurementOf(metric, windows, share >= 100)
    },
  }
}

interface Tick {
  readonly traffic: SyntheticTraffic
  readonly second: number
  readonly share: number
  readonly scrapeSeconds: number
  readonly random: Random
}

/** The counters one scrape later. */
function scraped(before: CounterPair, { traffic, second, share, scrapeSeconds, random }: Tick): CounterPair {
  const total = poissonDraw(traffic.rps(second) * scrapeSeconds, random)
  const own = binomialDraw(total, share / 100, random)
  const burst = (): number => Math.exp((traffic.burstiness ?? 0) * normalDraw(random))
  const grown = (counters: VersionCounters, requests: number, behaviour: Behaviour) =>
    withRequests(counters, requests, { behaviour, burst: burst(), random })
  return {
    version: grown(before.version, own, traffic.version(second)),
    stable: grown(before.stable, total - own, traffic.stable(second)),
  }
}

function withRequests(
  counters: VersionCounters,
  requests: number,
  {
    behaviour,
    burst,
    random,
  }: { readonly behaviour: Behaviour; readonly burst: number; readonly random: Random },
): VersionCounters {
  const within = partsWithin(behaviour)
  let left = requests
  let partLeft = 1
  let below = 0
  const counts = within.map(part => {
    left -= binomialDraw(left, partLeft <= 0 ? 1 : Math.min(1, (part - below) / partLeft), random)
    partLeft = 1 - part
    below = part
    return requests - left
  })
  return {
    requests: counters.requests + requests,
    failures: counters.failures + binomialDraw(requests, Math.min(1, behaviour.failures * burst), random),
    buckets: counters.buckets.map(({ le, count }, i) => ({ le, count: count + counts[i]! })),
  }
}

const parts = new Map<string, readonly number[]>()

/** Which part of the requests lies within each bound: durations are log-normal. */
function partsWithin({ medianMs, spread }: Behaviour): readonly number[] {
  const key = `${medianMs} ${spread}`
  const known = parts.get(key)
  if (known !== undefined) return known
  const found = bounds.map(le => (le === Infinity ? 1 : 1 - normalTail(Math.log(le / medianMs) / spread)))
  if (parts.size < 1000) parts.set(key, found)
  return found
}

const difference = (last: VersionCounters, first: VersionCounters): VersionCounters => ({
  requests: last.requests - first.requests,
  failures: last.failures - first.failures,
  buckets: last.buckets.map(({ le, count }, i) => ({ le, count: count - first.buckets[i]!.count })),
})
