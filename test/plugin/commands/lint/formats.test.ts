import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Ajv } from 'ajv'
import { anyText, fc } from '../../../properties.ts'
import { formatLintGithub } from '../../../../plugin/print/report/github.ts'
import { formatLintJunit } from '../../../../plugin/print/report/junit.ts'
import type { LintReport, LocatedFinding } from '../../../../plugin/print/report/lint-report.ts'
import { formatLintSarif } from '../../../../plugin/print/report/sarif.ts'
import { catalogue } from '../../../../shared/rules/catalogue.ts'
import { describedRules } from '../../../../shared/rules/described.ts'
import { escaped } from '../../../../shared/objects/text/escaped.ts'
import { readXml, type Element } from './read-xml.ts'

const rules = describedRules(catalogue)
const words = anyText(20)
const place = fc.option(
  fc.record({
    file: anyText().filter(text => text !== ''),
    line: fc.integer({ min: 1, max: 9999 }),
    column: fc.integer({ min: 1, max: 999 }),
  }),
  { nil: undefined },
)
const finding: fc.Arbitrary<LocatedFinding> = fc
  .record({
    rule: fc.constantFrom(...rules.map(({ id }) => id)),
    severity: fc.constantFrom('error', 'warning', 'info'),
    kind: fc.constantFrom('VirtualService', 'DestinationRule', 'Gateway'),
    namespace: words,
    name: words,
    path: words,
    message: words,
    fix: words,
    place,
  })
  .map(({ place: where, ...rest }) => ({ ...rest, ...where }))
const report: fc.Arbitrary<LintReport> = fc.record({
  findings: fc.array(finding, { maxLength: 6 }),
  skipped: fc.constant([]),
})

describe('SARIF', () => {
  // The schema is of draft 4, where $id was id; nothing else in it has another meaning now. Ajv knows no formats by itself.
  const {
    id: $id,
    $schema: _,
    ...schema
  } = JSON.parse(
    readFileSync(new URL('../../../fixtures/sarif/sarif-2.1.0.schema.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile({
    $id,
    ...schema,
  } as object)
  const written = (value: LintReport) =>
    JSON.parse(formatLintSarif(value, { version: '1.2.3', rules })) as SarifLog

  it('holds to its schema, whatever was found', () =>
    fc.assert(
      fc.property(report, value => {
        assert.ok(validate(written(value)), JSON.stringify(validate.errors))
      }),
    ))
  it('is held to a schema that refuses what is none', () => {
    const good = written({ findings: [], skipped: [] })
    assert.ok(validate(good))
    for (const bad of [
      { ...good, version: '2.0.0' },
      { ...good, findings: [] },
      { ...good, runs: [{}] },
      { ...good, runs: [{ ...good.runs[0], results: [{ level: 'info' }] }] },
    ])
      assert.equal(validate(bad), false)
  })
  it('names a file by a URI that leads back to it', () =>
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[^/\\.\p{C}][^/\\\p{C}]*$/u), { minLength: 1, maxLength: 3 }),
        parts => {
          const file = parts.join('/').toWellFormed()
          const [result] = written({ findings: [{ ...aFinding, file, line: 1, column: 1 }], skipped: [] })
            .runs[0]!.results
          const { uri } = result!.locations[0]!.physicalLocation!.artifactLocation
          assert.equal(decodeURIComponent(new URL(uri, 'file:///').pathname), `/${file}`)
        },
      ),
    ))
})

/** A case of the common schema of JUnit reports; `file` is also known to those who read them. */
function assertKnownCase({ name, attributes, children }: Element): void {
  assert.equal(name, 'testcase')
  assert.deepEqual(
    Object.keys(attributes)
      .filter(key => key !== 'file')
      .sort(),
    ['classname', 'name'],
  )
  for (const child of children) {
    const known = child.name === 'failure' ? ['message', 'type'] : []
    assert.deepEqual(
      [['failure', 'system-out'].includes(child.name), Object.keys(child.attributes).sort(), child.children],
      [true, known, []],
    )
  }
}

/** A text with what XML cannot have replaced. */
const kept = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')

describe('JUnit', () => {
  const elements = (value: LintReport): readonly Element[] => readXml(formatLintJunit(value)).children

  it('has one suite, whose counts are those of its cases', () =>
    fc.assert(
      fc.property(report, value => {
        const all = readXml(formatLintJunit(value))
        const [suite] = all.children
        const failed = suite!.children.filter(({ children }) =>
          children.some(({ name }) => name === 'failure'),
        ).length
        const counts = { tests: String(suite!.children.length), failures: String(failed), errors: '0' }
        assert.deepEqual([all.name, all.attributes], ['testsuites', counts])
        assert.deepEqual(
          [suite!.name, suite!.attributes],
          ['testsuite', { name: 'kubectl canary lint', ...counts, skipped: '0' }],
        )
        assert.equal(failed, value.findings.filter(({ severity }) => severity === 'error').length)
      }),
    ))
  it('has nothing that the common schema does not know, save the file of a case', () =>
    fc.assert(
      fc.property(report, value => {
        for (const each of elements(value)[0]!.children) assertKnownCase(each)
      }),
    ))
  it('says every message as it is, but for characters that XML cannot have', () =>
    fc.assert(
      fc.property(words, words, (message, name) => {
        const [suite] = elements({ findings: [{ ...aFinding, message, name }], skipped: [] })
        const [failure] = suite!.children[0]!.children
        assert.equal(failure!.attributes['message'], kept(message))
        assert.ok(suite!.children[0]!.attributes['classname']!.endsWith(`/${kept(escaped(name))}`))
        assert.ok(failure!.text.includes(`${kept(message)}\nFix: ${aFinding.fix}`))
      }),
    ))
})

describe('annotations for GitHub', () => {
  it('are a line each, and are read back as they were meant', () =>
    fc.assert(
      fc.property(fc.array(finding, { minLength: 1, maxLength: 4 }), findings => {
        const lines = formatLintGithub({ findings, skipped: [] }).split(/\r\n|[\r\n]/)
        assert.equal(lines.length, findings.length)
        for (const [i, line] of lines.entries()) {
          const { file, line: at, column, rule, message, fix } = findings[i]!
          const { properties, text } = commandOf(line)
          assert.deepEqual(properties, {
            ...(file === undefined ? {} : { file, line: String(at), col: String(column) }),
            title: rule,
          })
          assert.ok(text.endsWith(`: ${message}\nFix: ${fix}`), text)
        }
      }),
    ))
})

/** As GitHub's runner reads a line: what is escaped is told by the first `::`. */
function commandOf(line: string): {
  readonly properties: Readonly<Record<string, string>>
  readonly text: string
} {
  const [, list = '', data = ''] = /^::(?:error|warning|notice) (.*?)::(.*)$/su.exec(line) ?? []
  const plain = (text: string): string =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%')
  const pairs = list
    .split(',')
    .map(pair => [pair.slice(0, pair.indexOf('=')), plain(pair.slice(pair.indexOf('=') + 1))] as const)
  return {
    properties: Object.fromEntries(pairs),
    text: data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%'),
  }
}

const aFinding: LocatedFinding = {
  rule: 'unknown-host',
  severity: 'error',
  kind: 'VirtualService',
  namespace: 'shop',
  name: 'catalog',
  path: '',
  message: 'm',
  fix: 'Do it.',
}

interface SarifLog {
  readonly runs: readonly {
    readonly results: readonly {
      readonly locations: readonly {
        readonly physicalLocation?: { readonly artifactLocation: { readonly uri: string } }
      }[]
    }[]
  }[]
}
