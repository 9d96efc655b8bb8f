import type { LintReport } from './lint-report.ts'

/**
 * The report as data: a contract (docs/lint-output.schema.json). Every field is there, in one order; the
 * place is null for objects of a live cluster, and the object for a document that cannot be read.
 */
export const lintDataOf = ({ findings, skipped, notes = [] }: LintReport) => ({
  findings: findings.map(
    ({
      rule,
      severity,
      kind = null,
      namespace = null,
      name = null,
      path,
      file = null,
      line = null,
      column = null,
      template,
      message,
      fix,
    }) => ({
      rule,
      severity,
      kind,
      namespace,
      name,
      path,
      file,
      line,
      column,
      template: template === undefined ? null : { file: template.file, line: template.line ?? null },
      message,
      fix,
    }),
  ),
  skipped: skipped.map(({ file, reason }) => ({ file, reason })),
  notes,
})

/** The report as JSON. */
export const formatLintJson = (report: LintReport): string =>
  `${JSON.stringify(lintDataOf(report), undefined, 2)}\n`
