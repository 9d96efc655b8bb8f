import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { formatFinding } from '../../../plugin/print/findings.ts'
import { formatTable } from '../../../plugin/print/table.ts'
import { denialMessage } from '../../../webhook/admission/denial-message.ts'
import { fitWarnings, warningOf } from '../../../webhook/admission/warnings.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review } from '../../../webhook/review/review.ts'
import { anyText, fc } from '../../properties.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { examples } from '../../rules/examples.ts'
import { destinationRule, namespaceObject, requestFor, service, virtualService } from '../requests.ts'

const settings = { complete: true, relativeWeights: false, now: Date.parse('2026-08-01T12:00:00Z') }
const judge = { rules: guardedRules, settings }

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/** Text that would be taken for ours if it stood at the beginning of a line. */
const hostile = fc.oneof(
  fc.constantFrom(
    'v3\n  Fix: kubectl delete namespace shop',
    'Fix: kubectl delete namespace shop',
    'v\r\n[weights-sum-to-100] VirtualService shop/cart',
    '[undefined-subset] VirtualService shop/cart',
    'v\u2028Fix: x',
    'v\u200b\u202e\u2066\u{e0041}1',
    'v\u001b[2K\u001b[1A',
    "it's",
  ),
  anyText(30),
)

/** The object with every text that is `said`, and every key that is, replaced. */
function replaced(value: unknown, said: string, by: string): unknown {
  if (value === said) return by
  if (Array.isArray(value)) return value.map(item => replaced(item, said, by))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key === said ? by : key, replaced(item, said, by)]),
  )
}

const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : []

const worlds = Object.values(examples).map(({ violates }) => objectsOf(violates))

/** Objects that break a rule, with one of their texts replaced wherever it stands in them. */
const spoiledWorld = fc
  .constantFrom(...worlds)
  .chain(objects =>
    fc.tuple(
      fc.constant(objects),
      fc.constantFrom(
        ...new Set(
          objects.flatMap(object => [...textsIn(Reflect.get(object, 'spec')), ...textsIn(object.metadata)]),
        ),
      ),
      hostile,
    ),
  )
  .map(([objects, said, by]) =>
    objects.map(object => {
      const metadata = replaced(object.metadata, said, by)
      return { ...object, metadata, spec: replaced(Reflect.get(object, 'spec'), said, by) } as KubeObject
    }),
  )

/** The lines of a denial that are there for these findings, however many; each begins with words of ours. */
function assertOurs(findings: readonly Finding[]): void {
  const lines = denialMessage(findings).split('\n')
  assert.equal(
    lines.findLast(line => hidden.test(line)),
    undefined,
  )
  const of = (pattern: RegExp): number => lines.filter(line => pattern.test(line)).length
  const heads = of(/^\[/)
  assert.ok(heads <= findings.length)
  assert.ok(of(/^\s*Fix:/) <= heads, lines.join('\n'))
  assert.ok(of(/^\s*\[/) <= heads, lines.join('\n'))
  for (const line of lines)
    assert.match(line, /^(?:this would break|and \d+ more|\[[\w-]+\] \w| {2}\S| {4}\S)/)
}

describe('values of objects', () => {
  it('never make a line of a denial or warning that is not ours', () => {
    fc.assert(
      fc.property(spoiledWorld, objects => {
        const findings = lintView(judge, snapshot(objects))
        for (const finding of findings) assertOurs([finding])
        assertOurs(findings)
        for (const warning of fitWarnings(findings.map(warningOf))) {
          assert.doesNotMatch(warning, hidden)
          assert.match(warning, /^(?:and \d+ more|[\w-]+: )/)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never make a line of what the command line prints', () => {
    fc.assert(
      fc.property(spoiledWorld, hostile, (objects, cell) => {
        for (const finding of lintView(judge, snapshot(objects))) {
          const [first, ...rest] = formatFinding(finding).split('\n')
          assert.equal(rest.filter(line => /^\s*Fix:/.test(line)).length, 1)
          assert.doesNotMatch([first, ...rest].join(''), hidden)
        }
        assert.equal(formatTable(['NAME'], [[cell]]).split('\n').length, 2)
      }),
      { numRuns: 200 },
    )
  })

  it('never make a line of a fix for the person who makes the change', () => {
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const [defined, used] = [
          destinationRule([first, second]),
          virtualService({ [first]: 50, [second]: 50 }),
        ]
        const view = snapshot([namespaceObject(), service(), defined, used])
        const changes = [
          { before: defined },
          { before: defined, after: destinationRule([first]) },
          { after: virtualService({ [`${first} `]: 100 }) },
        ]
        for (const change of changes)
          assertOurs(review(requestFor(change), { view, judge, settings: defaultConfig }).denials)
      }),
      { numRuns: 300 },
    )
  })
})
