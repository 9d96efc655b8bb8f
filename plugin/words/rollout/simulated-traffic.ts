import {
  usualBehaviour,
  type SyntheticTraffic,
} from '../../../shared/analysis/synthetic/synthetic-traffic.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'

/** What may be said of simulated traffic, each with what it is where it is left out. */
const usual = {
  /** Requests per second of both versions together. */
  rps: 20,
  /** Percent of the requests of the version that fail. */
  errors: 100 * usualBehaviour.failures,
  /** How many times as long the requests of the version take. */
  slower: 1,
  /** Percent of the requests of stable that fail. */
  'stable-errors': 100 * usualBehaviour.failures,
  /** Seconds after which the version is so; until then it is as stable. */
  after: 0,
  seed: 1,
}
type Key = keyof typeof usual

/** `good`, or `rps=20,errors=2,slower=1.5`; throws `usage` for anything else. */
export function parseSimulation(text: string): SyntheticTraffic {
  const said: Record<Key, number> = { ...usual }
  for (const part of text === 'good' ? [] : text.split(',')) {
    const [, key = '', amount = ''] = /^([a-z-]+)=(\d+(?:\.\d+)?)[%s]?$/.exec(part.trim()) ?? []
    if (!Object.hasOwn(usual, key))
      throw unfit(text, `${JSON.stringify(part)} is none of ${Object.keys(usual).join('=N, ')}=N`)
    said[key as Key] = Number(amount)
  }
  const percents = [said.errors, said['stable-errors']]
  if (percents.some(percent => percent > 100)) throw unfit(text, 'errors are percentages up to 100')
  if (said.slower < 0.01 || said.slower > 1000) throw unfit(text, 'slower is a factor from 0.01 to 1000')
  if (said.rps > 100_000) throw unfit(text, 'rps is at most 100000')
  return trafficOf(said)
}

function trafficOf(said: Readonly<Record<Key, number>>): SyntheticTraffic {
  const stable = { ...usualBehaviour, failures: said['stable-errors'] / 100 }
  const version = {
    ...usualBehaviour,
    failures: said.errors / 100,
    medianMs: usualBehaviour.medianMs * said.slower,
  }
  return {
    seed: said.seed,
    rps: () => said.rps,
    stable: () => stable,
    version: second => (second < said.after ? stable : version),
  }
}

const unfit = (text: string, why: string): CanaryError =>
  new CanaryError('usage', `--simulate ${text}: ${why}`, {
    hints: [
      'Examples: --simulate good, --simulate errors=2, --simulate rps=5,slower=1.5,after=120, --simulate file=traffic.jsonl',
    ],
  })
