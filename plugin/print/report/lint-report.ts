import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { Severity } from '../../../shared/rules/rule.ts'

/** A finding with its place, as every report shows it. */
export interface LocatedFinding {
  readonly rule: string
  readonly severity: Severity
  /** The object; left out where a document cannot be read, so that it is not known what it holds. */
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  /** As people and yq write it: `spec.http[0].route`. */
  readonly path: string
  /**
   * Where the object is written; left out for one of a live cluster. Lines and columns count from 1.
   */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The template that the place was rendered from, with the line where it is known. */
  readonly template?: { readonly file: string; readonly line?: number }
  readonly message: string
  readonly fix: string
  /** The lines around it. */
  readonly frame?: CodeFrame
}
export interface CodeFrame {
  /** The number of the first line. */
  readonly from: number
  readonly lines: readonly string[]
}

/** What was skipped, and why. */
export interface SkippedFile {
  readonly file: string
  readonly reason: string
}

export interface LintReport {
  readonly findings: readonly LocatedFinding[]
  readonly skipped: readonly SkippedFile[]
  /** Sentences about how the findings were made, for every format. */
  readonly notes?: readonly string[]
}

/** Several reports as one. */
export const mergedReport = (reports: readonly LintReport[], notes: readonly string[]): LintReport => ({
  ...sortedReport({
    findings: reports.flatMap(({ findings }) => findings),
    skipped: reports.flatMap(({ skipped }) => skipped),
  }),
  notes,
})

/**
 * Everything in one order that depends on nothing but the findings: by file and place, then by object, path
 * and rule. Equal entries are listed once.
 */
export const sortedReport = ({ findings, skipped }: LintReport): LintReport => ({
  findings: sorted(
    findings,
    ({ file = '', line = 0, column = 0, kind = '', namespace = '', name = '', path, rule, message }) => [
      file,
      line,
      column,
      kind,
      namespace,
      name,
      path,
      rule,
      message,
    ],
  ),
  skipped: sorted(skipped, ({ file, reason }) => [file, reason]),
})

type Key = readonly (string | number)[]

function sorted<T>(items: readonly T[], keyOf: (item: T) => Key): readonly T[] {
  const keyed = items.map(item => ({ item, key: keyOf(item) }))
  const unique = [...new Map(keyed.map(entry => [JSON.stringify(entry.key), entry])).values()]
  return unique.sort((a, b) => compare(a.key, b.key)).map(({ item }) => item)
}

/** By code units, so that the locale does not matter. */
function compare(a: Key, b: Key): number {
  const i = a.findIndex((part, at) => part !== b[at])
  return i < 0 ? 0 : a[i]! < b[i]! ? -1 : 1
}

/** The object of a finding, as people say it; undefined where it is about none. */
export const formatObject = ({ kind, namespace = '', name = '' }: LocatedFinding): string | undefined =>
  kind === undefined ? undefined : escaped(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)

/** What is wrong, after the object and the field that it is about. */
export function formatSubject(finding: LocatedFinding): string {
  const { path, message } = finding
  const object = formatObject(finding)
  return object === undefined ? message : `${object}${path === '' ? '' : ` ${escaped(path)}`}: ${message}`
}

/** Where the text is that a person edits: in the template, where it is there, else in the file that was read. */
export const editedPlace = ({
  file,
  line,
  column,
  template,
}: LocatedFinding): Pick<LocatedFinding, 'file' | 'line' | 'column'> => {
  if (template?.line !== undefined) return { file: template.file, line: template.line }
  if (template !== undefined && file === 'stdin') return { file: template.file }
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }
}

/** How many there are of each severity: `2 errors, 1 warning`. */
export function formatCounts(findings: readonly LocatedFinding[]): string {
  const countOf = (severity: Severity): number =>
    findings.filter(finding => finding.severity === severity).length
  const counts = (['error', 'warning', 'info'] as const).map(severity => ({
    severity,
    count: countOf(severity),
  }))
  const said = counts
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`)
  return said.length === 0 ? 'no findings' : said.join(', ')
}
