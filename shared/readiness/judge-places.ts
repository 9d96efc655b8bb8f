import { keyOf } from '../objects/kube-object.ts'
import { worstOf } from './check.ts'
import type { CheckedResult, CheckOutcome, ReadinessReport } from './judge-readiness.ts'

/** The reports for one of several sets of definitions, where the files define an object several times. */
export interface PlaceReports {
  readonly place: string
  readonly reports: readonly ReadinessReport[]
}

/**
 * The reports of views of the same objects, each with other definitions around them: a fault counts where every view
 * has it, else it comes from mixing definitions that nobody applies together. Views after the one in which no fault
 * is left are not asked for.
 */
export function heldInAll(views: readonly (() => readonly ReadinessReport[])[]): readonly ReadinessReport[] {
  const [first, ...others] = views
  let held = first?.() ?? []
  for (const view of others) {
    if (held.every(({ state }) => state === 'pass')) break
    const found = new Map(view().map(report => [keyOf(report.ref), report]))
    held = held.map(report => heldInBoth(report, found.get(keyOf(report.ref))))
  }
  return held
}

function heldInBoth(report: ReadinessReport, other: ReadinessReport | undefined): ReadinessReport {
  if (other === undefined) return report
  const checks = report.checks.map(check =>
    outcomeOfBoth(
      check,
      other.checks.find(({ id }) => id === check.id),
    ),
  )
  return { ...report, checks, state: worstOf(checks.map(({ state }) => state)) }
}

function outcomeOfBoth(check: CheckOutcome, other: CheckOutcome | undefined): CheckOutcome {
  if (other === undefined || check.state === 'pass') return check
  if (other.state === 'pass') return other
  const again = new Set(other.results.map(textOf))
  const results = check.results.filter(result => again.has(textOf(result)))
  const [any] = check.results
  if (results.length === 0)
    return { id: check.id, state: 'pass', results: [{ ...any!, ...inOrder, finding: undefined }] }
  return { id: check.id, state: worstOf(results.map(({ state }) => state)), results }
}

const inOrder = {
  state: 'pass',
  message: 'in order with some of the definitions',
  fix: [],
} as const

const textOf = ({ state, ref, message }: CheckedResult): string => `${state} ${keyOf(ref)} ${message}`

/**
 * The reports of all places together: of each service or namespace one for all places in which the same is said of
 * it, with the names of these places where there are others.
 */
export function togetherOf(judged: readonly PlaceReports[]): readonly ReadinessReport[] {
  const all = judged.flatMap(({ place, reports }) => reports.map(report => ({ place, report })))
  return [...Map.groupBy(all, ({ report }) => keyOf(report.ref)).values()].flatMap(of => {
    const same = [...Map.groupBy(of, ({ report }) => comparable(report)).values()]
    return same.map(group => {
      const { report } = group[0]!
      return same.length === 1 ? report : { ...report, places: group.map(({ place }) => place) }
    })
  })
}

/** A report as text, to compare it with others. Passes are equal, whatever their messages say. */
const comparable = ({ checks }: ReadinessReport): string =>
  JSON.stringify(
    checks.map(({ id, state, results }) => [
      id,
      state === 'pass' ? [] : results.map(result => [textOf(result), result.fix]),
    ]),
  )
