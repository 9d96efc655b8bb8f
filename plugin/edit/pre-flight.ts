import { catalogue } from '../../shared/rules/catalogue.ts'
import { stillOpen } from '../../shared/rules/placeholders/deciding.ts'
import { judgeChanges } from '../../shared/rules/introduced.ts'
import { fixTextOf } from '../../shared/rules/fixes/fix-text.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import { reportedFindings } from '../../shared/rules/reported-findings.ts'
import type { Finding, RuleSettings, Severity } from '../../shared/rules/rule.ts'
import { merged, type Change } from '../../shared/view/change.ts'
import { overlay } from '../../shared/view/overlay.ts'
import type { Reading } from '../../shared/view/store.ts'
import { checkRegexWith } from '../words/regex.ts'

/** What is about to be written, and when. */
export interface PreFlightOptions {
  readonly changes: readonly Change[]
  readonly now: Date
  /** Continue where callers lose the service, or a version has no workload. */
  readonly force?: boolean
}

/** What the rules say of an edit. */
export interface Judged {
  /** Errors that the edit would introduce: nothing may be written. Empty for an edit that is allowed. */
  readonly refused: readonly Finding[]
  /** What a person should know of an edit that is allowed. */
  readonly warnings: readonly JudgedFinding[]
}

/** What a person may mean: to take the service from callers, or to send requests to pods that are still to come. */
const forcible: ReadonlySet<string> = new Set(['subset-hidden-from-clients', 'subset-matches-no-workload'])
export const canBeForced = ({ rule }: Pick<Finding, 'rule'>): boolean => forcible.has(rule)

/**
 * Judges the changes by the webhook's rules before anything is written. On files the lint severities hold,
 * because a folder is rarely everything that the cluster has.
 */
export async function preFlight(
  reading: Reading,
  { changes, now, force = false }: PreFlightOptions,
): Promise<Judged> {
  if (changes.length === 0) return { refused: [], warnings: [] }
  const { view, live } = reading
  const settings = {
    complete: live,
    relativeWeights: false,
    now: now.getTime(),
    ...(await regexChecker(changes)),
  }
  const judged = judgeChanges({ rules: catalogue, settings }, view, changes)
  const kept = keeping(reading, { changes, settings })
  const introduced = kept(judged.introduced).map(finding => ({ ...finding, fix: fixOfNew(finding, reading) }))
  const standing = kept(judged.standing).map(finding => ({
    ...finding,
    fix: fixOfStanding(finding, reading),
  }))
  const severityOf = ({ severity }: Finding): Severity => (live ? severity.webhook : severity.lint)
  const having = (findings: readonly Finding[], severity: Severity): readonly Finding[] =>
    findings.filter(finding => severityOf(finding) === severity)
  const errors = having(introduced, 'error')
  const overridden = force ? errors.filter(canBeForced) : []
  if (errors.length > overridden.length) return { refused: errors, warnings: [] }
  return {
    refused: [],
    warnings: [
      ...overridden.map(finding => ({ kind: 'overridden', finding }) as const),
      ...having(introduced, 'warning').map(finding => ({ kind: 'warning', finding }) as const),
      ...having(standing, 'error').map(finding => ({ kind: 'existing', finding }) as const),
    ],
  }
}

/** What is not written yet is not fixed by a command that takes it away again. */
const fixOfNew = ({ canary: _, ...finding }: Finding, { sources }: Reading): string =>
  fixTextOf(finding, { sources })

const fixOfStanding = (finding: Finding, reading: Reading): string =>
  reading.live ? fixTextOf(finding, {}) : fixOfNew(finding, reading)

/** The package that reads regexes is loaded only where there is one. */
async function regexChecker(changes: readonly Change[]): Promise<Pick<RuleSettings, 're2Fault'>> {
  const mayHoldRegex = changes.some(
    ({ after }) =>
      after?.kind === 'VirtualService' && /"(?:regex|uriRegexRewrite)":/.test(JSON.stringify(after)),
  )
  return mayHoldRegex ? { re2Fault: await checkRegexWith() } : {}
}

/** Takes away what is not reported of the objects after the edit, which may have filled in placeholders. */
function keeping(
  { view, sources }: Reading,
  { changes, settings }: { readonly changes: readonly Change[]; readonly settings: RuleSettings },
): (findings: readonly Finding[]) => readonly Finding[] {
  const all = merged(changes)
  const after = overlay(view, all)
  const unfilled = (sources?.unfilled ?? []).flatMap(({ ref, placeholders }) => {
    const object = after.get(ref)
    return object === undefined ? [] : [{ ref, placeholders: stillOpen(object, placeholders) }]
  })
  return reportedFindings({ rules: catalogue, view: after, settings, sources, unfilled })
}
