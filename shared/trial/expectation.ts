import { roundPercent } from '../routing/shares.ts'
import type { Trial, TrialShare } from './trial.ts'

/** What a request should come to: parts in percent by name, a version, a service, `SERVICE/VERSION`, a status, or `closed`. */
export type Expectation = ReadonlyMap<string, number>

/** How a request turned out otherwise than expected. */
export interface Mismatch {
  readonly expected: string
  readonly actual: string
}

/**
 * An expectation as it is written: `v2`, `catalog/v2`, `v1=90,v2=10`, or `404`; undefined for what is none. Parts are
 * in percent and add up to 100.
 */
export function parseExpectation(text: string): Expectation | undefined {
  const parts = text.split(',').map(part => /^([^=\s]+?)(?:=(\d+(?:\.\d+)?)%?)?$/.exec(part.trim()))
  if (parts.some(part => part === null)) return undefined
  const [first] = parts
  if (parts.length === 1 && first![2] === undefined) return new Map([[first![1]!, 100]])
  return expectationOf(parts.map(part => [part![1]!, Number(part![2] ?? Number.NaN)]))
}

/** Parts as an expectation; undefined where they do not add up to 100, or one is there twice. */
export function expectationOf(parts: readonly (readonly [string, number])[]): Expectation | undefined {
  const sum = parts.reduce((total, [, percent]) => total + percent, 0)
  const expectation = new Map(parts)
  return Math.abs(sum - 100) < 0.05 && expectation.size === parts.length ? expectation : undefined
}

/** As it is written: `v1=90,v2=10`, `v2`. */
export const formatExpectation = (expectation: Expectation): string =>
  [...expectation].map(([name, percent]) => (percent === 100 ? name : `${name}=${percent}`)).join(',')

/** What a trial lacks of an expectation; undefined where it is met, to a tenth of a percent. A refused route meets none. */
export function mismatchOf(trial: Trial, expectation: Expectation): Mismatch | undefined {
  const { shares, rejected } = trial
  const isMet =
    rejected === undefined
    && [...expectation].every(([name, percent]) => {
      const part = shares.filter(share => isNamed(share, name)).reduce((sum, share) => sum + share.percent, 0)
      return Math.abs(part - percent) < 0.1
    })
  if (isMet) return undefined
  return { expected: formatExpectation(expectation), actual: formatTrialShares(shares) }
}

/** A share that is answered with an error is of no version, whatever it leads to. */
function isNamed({ status, version, service, closes }: TrialShare, name: string): boolean {
  if (closes === true) return name === 'closed'
  if (status !== undefined) return name === String(status)
  return name === version || name === service || name === `${service}/${version}`
}

/** `v1 90 %, v2 10 %`, `404`; empty where no part of the requests is answered in the mesh. */
export const formatTrialShares = (shares: readonly TrialShare[]): string =>
  shares
    .map(share =>
      share.percent === 100 && shares.length === 1
        ? nameOfShare(share)
        : `${nameOfShare(share)} ${roundPercent(share.percent)} %`,
    )
    .join(', ')

/** `v2`, `orders` where no version is known, `503 for v2`, `connection closed for v2`, `404`. */
export function nameOfShare({ version, service, status, isInjected, closes }: TrialShare): string {
  const who = version ?? service
  if (closes === true) return who === undefined ? 'connection closed' : `connection closed for ${who}`
  if (status === undefined) return who ?? 'nothing'
  if (isInjected === true) return `${status} injected`
  return who === undefined ? String(status) : `${status} for ${who}`
}
