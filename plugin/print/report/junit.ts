import { attribute, escape } from './xml.ts'
import { formatObject, formatSubject, type LintReport, type LocatedFinding } from './lint-report.ts'

/**
 * JUnit XML, which CI servers show as tests: a case for each finding, failed where it is an error; one passed
 * case where there is none.
 */
export function formatLintJunit({ findings, notes = [] }: LintReport): string {
  const failures = findings.filter(({ severity }) => severity === 'error').length
  const counts = `tests="${Math.max(1, findings.length)}" failures="${failures}" errors="0"`
  const cases =
    findings.length === 0
      ? ['    <testcase classname="kubectl-canary" name="lint"/>']
      : findings.map(formatCase)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="kubectl canary lint" ${counts} skipped="0">`,
    ...cases,
    ...(notes.length === 0 ? [] : [`    <system-out>${escape(notes.join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function formatCase(finding: LocatedFinding): string {
  const { rule, severity, file, line, column, path, message, fix, template } = finding
  const about = formatObject(finding) ?? file ?? ''
  const place = file === undefined ? about : [file, line, column].filter(part => part !== undefined).join(':')
  const from =
    template === undefined
      ? ''
      : `\nFrom the template ${[template.file, template.line ?? []].flat().join(':')}`
  const text = `${place}: ${formatSubject(finding)}${from}\nFix: ${fix}`
  const name = attribute(`${rule}${path === '' ? '' : ` ${path}`}`)
  const open = `    <testcase classname="${attribute(about)}" name="${name}"${file === undefined ? '' : ` file="${attribute(file)}"`}>`
  const body =
    severity === 'error'
      ? `<failure type="${attribute(rule)}" message="${attribute(message)}">${escape(text)}</failure>`
      : `<system-out>${escape(`${severity}: ${text}`)}</system-out>`
  return `${open}\n      ${body}\n    </testcase>`
}
