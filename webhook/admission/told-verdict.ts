import { withoutRepeated } from '../../shared/rules/repeated.ts'
import type { KindIn } from '../../shared/rules/rule.ts'
import type { MayRead } from '../cache/access.ts'
import type { AdmissionRequest } from '../review/admission-request.ts'
import type { Verdict } from '../review/review.ts'
import type { TimeLimit } from './time-limit.ts'
import { foreignIn, toldFinding, type Telling, type ToldFinding } from '../review/tell/told-finding.ts'

/** How long an answer may wait for what its recipient may read. */
const mostMs = 500
/** What is asked for one answer; the rest is told without names. */
const mostQuestions = 16

/** Who asks, and how it is found out what they may read. */
export interface Recipient {
  readonly request: AdmissionRequest
  readonly mayRead: MayRead
  readonly limit: Pick<TimeLimit, 'signal'>
}

/**
 * A verdict as its recipient may read it: of objects in other namespaces only what the user of the request may get.
 */
export async function toldVerdict(
  verdict: Verdict,
  recipient: Recipient,
  telling: Pick<Telling, 'rules' | 'change'>,
): Promise<Verdict> {
  const { denials, warnings, exempted } = verdict
  if (denials.length + warnings.length + exempted.length === 0) return verdict
  const { namespace } = recipient.request
  const excused = exempted.filter(({ isDenial }) => isDenial).map(({ finding }) => finding)
  const shown = [...denials, ...excused, ...warnings]
  const readable = await readableOf(
    shown.flatMap(finding => foreignIn(finding, namespace) ?? []),
    recipient,
  )
  const full: Telling = { ...telling, namespace, mayRead: objects => readable.has(keyOfKind(objects)) }
  return {
    ...verdict,
    denials: distinct(withoutRepeated(denials, telling.rules).map(finding => toldFinding(finding, full))),
    warnings: distinct(withoutRepeated(warnings, telling.rules).map(finding => toldFinding(finding, full))),
    exempted: exempted.map(({ finding, reason, isDenial }) => {
      const told = toldFinding(finding, full)
      return { finding: told, reason: told.toldAs === undefined ? reason : 'with a reason', isDenial }
    }),
  }
}

const keyOfKind = ({ kind, namespace }: KindIn): string => `${kind} ${namespace}`

/** Those of the objects that the user may read. */
async function readableOf(
  objects: readonly KindIn[],
  { request, mayRead, limit }: Recipient,
): Promise<ReadonlySet<string>> {
  if (objects.length === 0) return new Set()
  const questions = [...new Map(objects.map(each => [keyOfKind(each), each])).values()].slice(
    0,
    mostQuestions,
  )
  const inTime = AbortSignal.any([limit.signal, AbortSignal.timeout(mostMs)])
  const answers = await Promise.all(
    questions.map(async each => ((await mayRead(request, each, inTime)) ? [keyOfKind(each)] : [])),
  )
  return new Set(answers.flat())
}

/** How many objects of others there are is not told either. */
const distinct = (findings: readonly ToldFinding[]): readonly ToldFinding[] => [
  ...new Map(
    findings.map((finding, i) => [
      finding.toldAs === undefined ? String(i) : `${finding.rule} ${finding.message} ${finding.fix}`,
      finding,
    ]),
  ).values(),
]
