import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { isKind, kinds } from '../../shared/objects/kinds.ts'
import { checkExemptions, withoutExempted } from '../../shared/rules/exemptions.ts'
import { valueAt } from '../../shared/rules/istio/fault.ts'
import { formatPath, type AnyRule, type Finding, type Path, type Severity } from '../../shared/rules/rule.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Sources } from '../../shared/view/sources.ts'
import {
  sortedReport,
  type CodeFrame,
  type LintReport,
  type LocatedFinding,
} from '../print/report/lint-report.ts'
import { isAtLeast, type Weighing } from './lint-flags.ts'
import { fixesOnce } from './fixes-once.ts'

/** What findings are turned into a report with. */
export interface Reporting {
  readonly rules: readonly AnyRule[]
  readonly view: ClusterView
  /** The objects whose exemptions are looked at. */
  readonly objects: readonly KubeObject[]
  /** What is laid over a cluster, where that is what is judged. */
  readonly changed?: readonly KubeObject[]
  readonly weighing: Weighing
  /** Where the objects are written; left out for a live cluster. */
  readonly sources?: Sources | undefined
}

/** The findings less the exempted, disabled and light ones, each with its place, and what was passed over. */
export function lintReportOf(
  findings: readonly Finding[],
  { rules, view, objects, changed = [], weighing, sources }: Reporting,
): LintReport {
  const ids = new Set(rules.map(({ id }) => id))
  const { findings: kept } = withoutExempted(findings, {
    ids,
    changed,
    objectOf: ({ ref }) => view.get(ref),
    ...(sources === undefined ? {} : { commentsOf: commentsIn(sources, view) }),
  })
  const all = [...kept, ...objects.flatMap(object => checkExemptions(object, ids))]
  const shown = all.flatMap(finding => {
    const severity = weighing.byRule.get(finding.rule) ?? finding.severity.lint
    return weighing.disabled.has(finding.rule) || !isAtLeast(severity, weighing.least)
      ? []
      : [{ finding, severity }]
  })
  const report = sortedReport({
    findings: shown.map(({ finding, severity }) => located(finding, severity, sources)),
    skipped: (sources?.skipped ?? []).map(({ file, line, reason }) => ({
      file,
      reason: line === undefined ? reason : `line ${line}: ${reason}`,
    })),
  })
  return { ...report, findings: fixesOnce(report.findings) }
}

/**
 * The comments in files about the place of a finding. What stands in a list is about the list as well: the
 * wrong weight is on a line of its own.
 */
export const commentsIn =
  (sources: Sources, view: ClusterView) =>
  ({ ref, path }: Finding): readonly string[] => {
    const value = valueAt(view.get(ref), path)
    const places = Array.isArray(value) ? [path, ...placesIn(value, path)] : [path, [...path, 0]]
    return [...new Set(places.flatMap(place => sources.commentsAt(ref, place)))]
  }

const placesIn = (value: unknown, path: Path): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, child]) => {
        const place = [...path, Array.isArray(value) ? Number(key) : key]
        return [place, ...placesIn(child, place)]
      })

/** How many lines are shown before and after the one that is meant. */
const context = 2

function located(
  { rule, ref, path, message, fix }: Finding,
  severity: Severity,
  sources: Sources | undefined,
): LocatedFinding {
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
