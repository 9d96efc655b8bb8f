import type { KubeObject, Ref } from '../../../shared/objects/kube-object.ts'
import { isKind, kinds, resources } from '../../../shared/objects/kinds.ts'
import { describedForLint, unreadableManifest } from '../../../shared/rules/described.ts'
import { checkExemptions } from '../../../shared/rules/exemptions.ts'
import { fixTextOf, type FixPlace } from '../../../shared/rules/fixes/fix-text.ts'
import { reportedFindings } from '../../../shared/rules/reported-findings.ts'
import {
  formatPath,
  type AnyRule,
  type Finding,
  type RuleSettings,
  type Severity,
} from '../../../shared/rules/rule.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { Position, Sources } from '../../../shared/view/sources.ts'
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
  /** What the rules were asked with. */
  readonly settings: RuleSettings
  readonly view: ClusterView
  /** The objects whose exemptions are checked. */
  readonly objects: readonly KubeObject[]
  /** The objects of the files, where files are laid over a cluster. */
  readonly changed?: readonly KubeObject[]
  /** Whether what is found on an object is reported. */
  readonly isMeant: (ref: Ref) => boolean
  readonly weighing: Weighing
  /** Where the objects are written; left out for a live cluster. */
  readonly sources?: Sources | undefined
  /** The flags that name the files. */
  readonly fileWords?: string
}

/**
 * The findings without those that are exempted, disabled or below the severity that is shown, each with its
 * place; and what was skipped.
 */
export function lintReportOf(
  findings: readonly Finding[],
  { rules, settings, view, objects, changed, isMeant, weighing, sources, fileWords = '' }: Reporting,
): LintReport {
  const ids = new Set(rules.map(({ id }) => id))
  const all = [
    ...reportedFindings({ rules, settings, view, sources })(findings),
    ...objects.flatMap(object => checkExemptions(object, ids)),
  ]
  const shown = all
    .filter(({ ref }) => isMeant(ref))
    .flatMap(finding => {
      const severity = weighing.byRule.get(finding.rule) ?? finding.severity.lint
      return weighing.disabled.has(finding.rule) || !isAtLeast(severity, weighing.least)
        ? []
        : [{ finding, severity }]
    })
  const broken = unreadable(weighing, sources, isMeant)
  const report = sortedReport({
    findings: [
      ...shown.map(({ finding, severity }) =>
        located(finding, severity, { sources, fileWords, withCluster: changed !== undefined }),
      ),
      ...broken,
    ],
    skipped: (sources?.skipped ?? [])
      .filter(({ why }) => why !== 'broken' || broken.length === 0)
      .map(({ file, line, reason }) => ({
        file,
        reason: line === undefined ? reason : `line ${line}: ${reason}`,
      })),
  })
  return { ...report, findings: fixesOnce(report.findings) }
}

/** The documents that cannot be read: findings without an object, as it is not known what they hold. */
function unreadable(
  { byRule, disabled, least }: Weighing,
  sources: Sources | undefined,
  isMeant: Reporting['isMeant'],
): readonly LocatedFinding[] {
  const rule = describedForLint([]).find(({ id }) => id === unreadableManifest)!
  const severity = byRule.get(rule.id) ?? rule.severity.lint
  if (sources === undefined || disabled.has(rule.id) || !isAtLeast(severity, least)) return []
  const common = { rule: rule.id, severity }
  const documents = sources.skipped
    .filter(({ why }) => why === 'broken')
    .map(({ file, line, column = 1, reason, fix = rule.fix }) => ({
      ...common,
      ...(line === undefined ? { file } : placed(sources, { file, line, column })),
      path: '',
      message: `this cannot be read: ${reason}`,
      fix,
    }))
  // Of Istio's own kinds `istio-rejects` finds it.
  const objects = sources.unusable
    .filter(({ ref }) => resources[ref.kind].group !== resources.VirtualService.group && isMeant(ref))
    .map(({ ref, path }) => ({
      ...common,
      ...ref,
      ...placed(sources, sources.positionOf(ref, path)!),
      path: formatPath(path),
      message: 'is null, which the API server refuses',
      fix: `Remove ${formatPath(path)}, or write it.`,
    }))
  return [...documents, ...objects, ...unquotedTexts(sources, isMeant).map(one => ({ ...common, ...one }))]
}

/** The labels and the like that are no texts, each with its place. */
const unquotedTexts = (
  sources: Sources,
  isMeant: Reporting['isMeant'],
): readonly Omit<LocatedFinding, 'rule' | 'severity'>[] =>
  sources.unquoted
    .filter(({ ref }) => isMeant(ref))
    .map(({ ref, path, value }) => ({
      ...ref,
      ...placed(sources, sources.positionOf(ref, path)!),
      path: formatPath(path),
      message: `must be a string, but ${value} is a ${typeof value}, which the API server refuses`,
      fix: `Put the value of ${formatPath(path)} in quotes.`,
    }))

/** How many lines are shown before and after the one that is meant. */
const context = 2

function located(
  finding: Finding,
  severity: Severity,
  fixPlace: FixPlace & Pick<Reporting, 'sources'>,
): LocatedFinding {
  const { rule, ref, path, message } = finding
  const { sources } = fixPlace
  const fix = fixTextOf(finding, fixPlace)
  const written = finding.writtenAt ?? finding
  const position = sources?.positionOf(written.ref, written.path)
  const place = position === undefined ? {} : placed(sources!, position)
  return { rule, severity, ...ref, path: formatPath(path), ...place, message, fix }
}

/** A place with the lines around it, and the template that they come from. */
function placed(sources: Sources, position: Position): Position & Pick<LocatedFinding, 'frame' | 'template'> {
  const template = sources.templateOf(position)
  return { ...position, frame: frameOf(sources, position), ...(template === undefined ? {} : { template }) }
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
