import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { isKind, kinds } from '../../../shared/objects/kinds.ts'
import { exemptingIn } from '../../../shared/rules/exempting-in.ts'
import { checkExemptions, withoutExempted } from '../../../shared/rules/exemptions.ts'
import { fixTextOf, type FixPlace } from '../../../shared/rules/fixes/fix-text.ts'
import { formatPath, type AnyRule, type Finding, type Severity } from '../../../shared/rules/rule.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import {
  sortedReport,
  type CodeFrame,
  type LintReport,
  type LocatedFinding,
} from '../../print/report/lint-report.ts'
import { fixesOnce } from './fixes-once.ts'
import { isAtLeast, type Weighing } from './lint-flags.ts'

/** What findings are turned into a report with. */
export interface Reporting {
  readonly rules: readonly AnyRule[]
  readonly view: ClusterView
  /** The objects whose exemptions are checked. */
  readonly objects: readonly KubeObject[]
  /** The objects of the files, where files are laid over a cluster. */
  readonly changed?: readonly KubeObject[]
  readonly weighing: Weighing
  /** Where the objects are written; left out for a live cluster. */
  readonly sources?: Sources | undefined
  /** The flags that name the files. */
  readonly fileWords?: readonly string[]
}

/**
 * The findings without those that are exempted, disabled or below the severity that is shown, each with its
 * place; and what was skipped.
 */
export function lintReportOf(
  findings: readonly Finding[],
  { rules, view, objects, changed, weighing, sources, fileWords = [] }: Reporting,
): LintReport {
  const exempting = exemptingIn({ view, ...(sources && { sources }) }, rules, changed ?? [])
  const { findings: kept } = withoutExempted(findings, exempting)
  const all = [...kept, ...objects.flatMap(object => checkExemptions(object, exempting.ids))]
  const shown = all.flatMap(finding => {
    const severity = weighing.byRule.get(finding.rule) ?? finding.severity.lint
    return weighing.disabled.has(finding.rule) || !isAtLeast(severity, weighing.least)
      ? []
      : [{ finding, severity }]
  })
  const report = sortedReport({
    findings: shown.map(({ finding, severity }) =>
      located(finding, severity, { sources, fileWords, withCluster: changed !== undefined }),
    ),
    skipped: (sources?.skipped ?? []).map(({ file, line, reason }) => ({
      file,
      reason: line === undefined ? reason : `line ${line}: ${reason}`,
    })),
  })
  return { ...report, findings: fixesOnce(report.findings) }
}

/** How many lines are shown before and after the one that is meant. */
const context = 2

function located(
  finding: Finding,
  severity: Severity,
  place: FixPlace & Pick<Reporting, 'sources'>,
): LocatedFinding {
  const { rule, ref, path, message } = finding
  const { sources } = place
  const fix = fixTextOf(finding, place)
  const position = sources?.positionOf(ref, path)
  const frame = position === undefined ? {} : { frame: frameOf(sources!, position) }
  return { rule, severity, ...ref, path: formatPath(path), ...position, message, fix, ...frame }
}

function frameOf(
  sources: Sources,
  { file, line }: { readonly file: string; readonly line: number },
): CodeFrame {
  const from = Math.max(1, line - context)
  return { from, lines: sources.linesOf(file, { from, to: line + context }) }
}

/** Every object of a view that rules may judge, in one namespace or all. */
export const objectsOf = (
  view: ClusterView,
  rules: readonly AnyRule[],
  namespace?: string,
): readonly KubeObject[] => {
  const judged = new Set(rules.map(({ subject }) => subject))
  return kinds
    .filter(kind => judged.has(kind))
    .flatMap(kind => view.list(kind, namespace).filter(object => isKind(kind, object)))
}
