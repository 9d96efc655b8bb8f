import { goodnessOfFit, type GoodnessOfFit } from '../../../shared/statistics/goodness-of-fit.ts'
import { nameOfShare } from '../../../shared/trial/expectation.ts'
import type { Trial } from '../../../shared/trial/trial.ts'
import type { Session } from '../../session.ts'
import { formatAddress, sendMany, type LiveAnswer, type Sending } from './send.ts'

/** How real answers compare with what is configured. */
export interface LiveComparison {
  /** Where the requests were sent. */
  readonly address: string
  /** Answers by what they came from, each with its configured part from 0 to 1. */
  readonly parts: readonly { readonly name: string; readonly count: number; readonly expected: number }[]
  readonly sent: number
  /** Requests without any answer, by the reason. */
  readonly failures: ReadonlyMap<string, number>
  readonly fit: GoodnessOfFit
  /** `differs` where such counts come by chance in fewer than one of a thousand runs. */
  readonly verdict: 'agrees' | 'differs' | 'cannot-tell'
}

/** Below this probability a difference is no chance. */
const significance = 0.001

/** Sends real requests and compares the versions of the answers with the shares of a trial. */
export async function compareLive(
  session: Session,
  { asked, shares }: Trial,
  sending: Sending,
): Promise<LiveComparison> {
  const answers = await sendMany(session, asked, sending)
  const counts = new Map<string, number>()
  const failures = new Map<string, number>()
  for (const answer of answers) {
    const of = answer.failure === undefined ? counts : failures
    const name = answer.failure ?? nameOf(answer)
    of.set(name, (of.get(name) ?? 0) + 1)
  }
  const expected = new Map<string, number>()
  for (const share of shares) {
    const name = share.status === undefined ? nameOfShare(share) : String(share.status)
    expected.set(name, (expected.get(name) ?? 0) + share.percent / 100)
  }
  const names = [...new Set([...expected.keys(), ...counts.keys()])]
  const parts = names.map(name => ({
    name,
    count: counts.get(name) ?? 0,
    expected: expected.get(name) ?? 0,
  }))
  const fit = goodnessOfFit(parts)
  return {
    address: formatAddress(asked, sending),
    parts,
    sent: answers.length,
    failures,
    fit,
    verdict: verdictOf(fit, parts, failures),
  }
}

/** An answer with an error status is that status, whichever version gave it. */
const nameOf = ({ version, status = 0 }: LiveAnswer): string =>
  status >= 500 || version === undefined ? String(status) : version

function verdictOf(
  { p, isSound }: GoodnessOfFit,
  parts: LiveComparison['parts'],
  failures: LiveComparison['failures'],
): LiveComparison['verdict'] {
  const answered = parts.reduce((sum, { count }) => sum + count, 0)
  if (answered === 0) return 'cannot-tell'
  if (p < significance) return 'differs'
  return isSound && failures.size === 0 ? 'agrees' : 'cannot-tell'
}
