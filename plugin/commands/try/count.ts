import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Session } from '../../session.ts'

/** How many requests are simulated, and with what seed. */
export interface SimulationWords {
  readonly count: number
  readonly seed: number
}

/** More would take long, and say nothing more. */
const most = 10_000_000

/**
 * The number of requests to simulate: of `--count`, or of `-n 1000`, since no namespace is named by digits alone
 * here. Throws `usage` for what is no such number.
 */
export function countOf(session: Session, flag: string | undefined): number | undefined {
  const text = flag ?? countWord(session)
  if (text === undefined) return undefined
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (count >= 1 && count <= most) return count
  throw new CanaryError('usage', `--count ${text} is not a number from 1 to ${most}`, {
    hints: ['Write it like --count 1000.'],
  })
}

/** The seed; throws `usage` for what is no whole number. */
export function seedOf(text = '1'): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CanaryError('usage', `--seed ${text} is not a whole number below a billion`, {
    hints: ['Leave it out, or write it like --seed 7.'],
  })
}

/** What was typed behind each `-n`; `--namespace` always names a namespace. */
const shortValues = ({ argv }: Session): readonly string[] =>
  argv.flatMap((word, i) => {
    if (word === '-n') return argv[i + 1] ?? []
    return /^-n=?(?=.)/.test(word) ? word.replace(/^-n=?/, '') : []
  })

const isNumber = (text: string): boolean => /^\d+$/.test(text)

const countWord = (session: Session): string | undefined => shortValues(session).findLast(isNumber)

/** Takes the number out of the flags, where `-n` was read as a namespace. */
export function namespaceNotCount(session: Session): void {
  const { namespace } = session.flags
  if (namespace === undefined || !isNumber(namespace)) return
  if (!shortValues(session).includes(namespace)) return
  const named = shortValues(session).findLast(text => !isNumber(text))
  session.flags = { ...session.flags, namespace: named }
}
