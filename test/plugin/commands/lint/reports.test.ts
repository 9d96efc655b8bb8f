import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { Ajv } from 'ajv'
import { fc } from '../../../properties.ts'
import { paintOf } from '../../../../plugin/print/colour.ts'
import { formatLintGithub } from '../../../../plugin/print/report/github.ts'
import { formatLintJson } from '../../../../plugin/print/report/json.ts'
import { formatLintJunit } from '../../../../plugin/print/report/junit.ts'
import {
  formatCounts,
  sortedReport,
  type LintReport,
  type LocatedFinding,
} from '../../../../plugin/print/report/lint-report.ts'
import { formatLintSarif } from '../../../../plugin/print/report/sarif.ts'
import { formatLintText } from '../../../../plugin/print/report/text.ts'
import { catalogue } from '../../../../shared/rules/catalogue.ts'
import { describedRules } from '../../../../shared/rules/described.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../../../docs/lint-output.schema.json', import.meta.url), 'utf8'),
) as object
const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(schema)

const finding: LocatedFinding = {
  rule: 'weights-sum-to-100',
  severity: 'error',
  kind: 'VirtualService',
  namespace: 'shop',
  name: 'catalog',
  path: 'spec.http[0].route',
  file: 'k8s/a, b:100%.yaml',
  line: 3,
  column: 5,
  message: 'add up to <110> & "not" 100',
  fix: 'Set it.\nThen go on.',
  frame: { from: 2, lines: ['  http:', '  - route:', '    - weight: 1'] },
}
const standing: LocatedFinding = {
  rule: 'unknown-host',
  severity: 'warning',
  kind: 'VirtualService',
  namespace: 'shop',
  name: 'catalog',
  path: '',
  message: 'm',
  fix: 'r',
}
const report: LintReport = {
  findings: [finding, standing, { ...standing, severity: 'info' }],
  skipped: [{ file: 'b.yaml', reason: 'a template' }],
}

test('the JSON holds to its published schema, with and without files', () => {
  const value = JSON.parse(formatLintJson(report)) as { readonly findings: readonly object[] }
  assert.ok(validate(value), JSON.stringify(validate.errors))
  for (const each of value.findings) {
    assert.deepEqual(Object.keys(each), [
      'rule',
      'severity',
      'kind',
      'namespace',
      'name',
      'path',
      'file',
      'line',
      'column',
      'template',
      'message',
      'fix',
    ])
  }
  assert.ok(validate(JSON.parse(formatLintJson({ findings: [], skipped: [] }))))
})

test('the schema refuses what is no report', () => {
  for (const value of [
    {},
    { findings: [{}], skipped: [] },
    { findings: [{ ...finding, severity: 'fatal' }], skipped: [] },
    { findings: [standing], skipped: [] },
    { findings: [{ ...standing, file: 'a', line: null, column: null }], skipped: [] },
  ]) {
    assert.equal(validate(value), false)
  }
})

test('reports have one order, whatever order the findings came in', () =>
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        [
          finding,
          standing,
          { ...finding, line: 20 },
          { ...finding, file: 'a.yaml' },
          { ...finding, rule: 'a' },
        ],
        { minLength: 5 },
      ),
      findings =>
        assert.deepEqual(
          sortedReport({ findings, skipped: [] }).findings.map(({ file, line, rule }) => [file, line, rule]),
          [
            [undefined, undefined, 'unknown-host'],
            ['a.yaml', 3, 'weights-sum-to-100'],
            ['k8s/a, b:100%.yaml', 3, 'a'],
            ['k8s/a, b:100%.yaml', 3, 'weights-sum-to-100'],
            ['k8s/a, b:100%.yaml', 20, 'weights-sum-to-100'],
          ],
        ),
    ),
  ))

test('the text points at the line', () => {
  assert.equal(
    formatLintText({ findings: [finding], skipped: [] }, paintOf(false)),
    [
      'k8s/a, b:100%.yaml:3:5: error: VirtualService shop/catalog spec.http[0].route: add up to <110> & "not" 100 (weights-sum-to-100)',
      '  2 |   http:',
      '> 3 |   - route:',
      '    |     ^',
      '  4 |     - weight: 1',
      '  Fix: Set it.',
      '  Then go on.',
    ].join('\n'),
  )
})

test('counts what was found', () => {
  assert.equal(formatCounts(report.findings), '1 error, 1 warning, 1 info')
  assert.equal(formatCounts([]), 'no findings')
})

test('annotations for GitHub keep to one line and escape what would end them', () => {
  const [first, second, third] = formatLintGithub(report).split('\n')
  assert.equal(
    first,
    '::error file=k8s/a%2C b%3A100%25.yaml,line=3,col=5,title=weights-sum-to-100::VirtualService shop/catalog spec.http[0].route: add up to <110> & "not" 100%0AFix: Set it.%0AThen go on.',
  )
  assert.match(second!, /^::warning title=unknown-host::/)
  assert.match(third!, /^::notice /)
})

test('SARIF names the rules that it uses and where the findings are', () => {
  const {
    runs: [run],
  } = JSON.parse(formatLintSarif(report, { version: '1.2.3', rules: describedRules(catalogue) })) as SarifLog
  assert.deepEqual(
    run!.results.map(({ ruleId, level }) => [ruleId, level]),
    [
      ['weights-sum-to-100', 'error'],
      ['unknown-host', 'warning'],
      ['unknown-host', 'note'],
    ],
  )
  assert.deepEqual(run!.tool.driver.rules.map(({ id }) => id).sort(), ['unknown-host', 'weights-sum-to-100'])
  assert.deepEqual(run!.results[0]!.locations[0]!.physicalLocation, {
    artifactLocation: { uri: 'k8s/a%2C%20b%3A100%25.yaml' },
    region: { startLine: 3, startColumn: 5 },
  })
  assert.equal(run!.results[1]!.locations[0]!.physicalLocation, undefined)
})

test('JUnit fails on errors only, and is well-formed whatever the message holds', () => {
  const xml = formatLintJunit({
    findings: [{ ...finding, message: 'a\u0000\uD800<]]>&"\'' }, standing],
    skipped: [],
  })
  assert.match(xml, /<testsuites tests="2" failures="1" errors="0">/)
  assert.match(xml, /message="a\uFFFD\uFFFD&lt;\]\]&gt;&amp;&quot;&apos;"/)
  assert.match(formatLintJunit({ findings: [], skipped: [] }), /tests="1" failures="0"/)
})

interface SarifLog {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly level: string
      readonly locations: readonly { readonly physicalLocation?: object }[]
    }[]
  }[]
}
