import { CanaryError } from '../../shared/objects/canary-error.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { judgeChanges } from '../../shared/rules/introduced.ts'
import { withoutExempted } from '../../shared/rules/exemptions.ts'
import type { Finding, RuleSettings, Severity } from '../../shared/rules/rule.ts'
import { merged, type Change } from '../../shared/view/change.ts'
import { overlay } from '../../shared/view/overlay.ts'
import type { Reading } from '../../shared/view/store.ts'
import { commentsIn } from '../lint/lint-report-of.ts'
import { formatFinding } from '../print/findings.ts'
import { checkRegexWith } from '../words/regex.ts'

/** What is about to be written, and when. */
export interface Flight {
  readonly changes: readonly Change[]
  readonly now: Date
  /** Go on where callers lose the service. */
  readonly force?: boolean
}

/**
 * Judges the changes by the webhook's rules before anything is written. On files the lint severities hold,
 * because a folder is rarely the
 * whole world. Throws `refused` for what the changes would break; gives the warnings.
 */
export async function preFlight(
  reading: Reading,
  { changes, now, force = false }: Flight,
): Promise<readonly string[]> {
  if (changes.length === 0) return []
  const { view, live } = reading
  const severityOf = ({ severity }: Finding): Severity => (live ? severity.webhook : severity.lint)
  const judged = judgeChanges(
    {
      rules: catalogue,
      settings: {
        complete: live,
        relativeWeights: false,
        now: now.getTime(),
        ...(await regexChecker(changes)),
      },
    },
    view,
    changes,
  )
  const kept = keeping(reading, changes)
  const [introduced, standing] = [kept(judged.introduced), kept(judged.standing)]
  const errors = introduced.filter(finding => severityOf(finding) === 'error')
  const overridden = force ? errors.filter(canBeForced) : []
  if (errors.length > overridden.length) throw refusal(errors, live)
  return [
    ...overridden.map(finding => `overridden by --force: ${formatFinding(finding)}`),
    ...introduced.filter(finding => severityOf(finding) === 'warning').map(formatFinding),
    ...standing
      .filter(finding => severityOf(finding) === 'error')
      .map(finding => `there before: ${formatFinding(finding)}`),
  ]
}

/** Callers who lose the service may be meant to. */
const canBeForced = ({ rule }: Finding): boolean => rule === 'subset-hidden-from-clients'

function refusal(errors: readonly Finding[], live: boolean): CanaryError {
  const guard = live ? ' Where the webhook is installed, it denies this.' : ''
  return new CanaryError(
    'refused',
    `refused, nothing was written: this would break ${errors.length === 1 ? 'a rule' : `${errors.length} rules`}`,
    {
      hints: [
        ...errors.map(formatFinding),
        ...(errors.every(canBeForced)
          ? [`Or insist with --force: these callers then lose the service.${guard}`]
          : []),
      ],
    },
  )
}

/** The package that reads regexes is loaded only where there is one. */
async function regexChecker(changes: readonly Change[]): Promise<Pick<RuleSettings, 're2Fault'>> {
  const mayHoldRegex = changes.some(
    ({ after }) =>
      after?.kind === 'VirtualService' && /"(?:regex|uriRegexRewrite)":/.test(JSON.stringify(after)),
  )
  return mayHoldRegex ? { re2Fault: await checkRegexWith() } : {}
}

/** Leaves out what lint and the webhook exempt. */
function keeping(
  { view, sources }: Reading,
  changes: readonly Change[],
): (findings: readonly Finding[]) => readonly Finding[] {
  const all = merged(changes)
  const after = overlay(view, all)
  const exempting = {
    ids: new Set(catalogue.map(({ id }) => id)),
    objectOf: ({ ref }: Finding) => after.get(ref),
    changed: all.flatMap(change => change.after ?? change.before ?? []),
    ...(sources === undefined ? {} : { commentsOf: commentsIn(sources, after) }),
  }
  return findings => withoutExempted(findings, exempting).findings
}
