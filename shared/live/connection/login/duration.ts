import { CanaryError } from '../../../objects/canary-error.ts'

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
}

/**
 * The milliseconds of a `--request-timeout` as kubectl reads it: whole seconds, or a Go duration (`1s`, `2m`,
 * `1h30m`); 0 is no limit.
 */
export function requestTimeoutOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.replace(/^\+/, '')) {
    throw new CanaryError('usage', `--request-timeout ${text}: not a duration`, {
      hints: ['Write seconds, or a number with a unit: 1s, 2m, 3h; 0 waits without limit.'],
    })
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * milliseconds[unit!]!, 0)
}
