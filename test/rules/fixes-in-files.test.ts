import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { fixTextOf } from '../../shared/rules/fixes/fix-text.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { isAtLeast } from '../../plugin/commands/lint/lint-flags.ts'
import { checkRegexWith } from '../../plugin/words/regex.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { examples } from './examples.ts'
import { followed, type PrintedFix } from './follow-fix.ts'

/** Fixes that leave a choice to the person who reads them, and what it is. */
const choices: Readonly<Record<string, string>> = {
  'istio-rejects': 'what the field is to be, of what is allowed there',
  'undefined-subset-inactive': 'whether the subset is defined or the destination goes',
  'unmerged-destination-rules': 'which of the rules is to hold the subsets',
  'subset-matches-no-workload': 'which workload is applied',
  'unknown-host': 'whether the Service is still to come',
  'ambiguous-port': 'which of the ports is meant',
  'conflicting-virtual-services': 'which of the two is to have the host',
  'broken-delegate': 'what the delegate is to be',
  'unknown-gateway': 'which gateway is to serve the host',
  'unreachable-route': 'which of the routes is to go first',
  'unknown-namespace': 'which namespace is meant',
  'headless-not-split': 'whether the Service gets an address',
  'applies-nowhere': 'whether the routes are needed',
  'http-route-on-non-http-port': 'whether the port speaks HTTP',
  'gateway-api-rejects': 'what the field is to be, of what is allowed there',
  'apisix-rejects': 'what the field is to be, of what is allowed there',
  'unknown-backend': 'whether the Service is still to come',
  'backend-matches-no-workload': 'which workload is applied',
  'unattached-route': 'whether the listener or the route is to change',
  'rule-without-backend': 'where the requests are to go',
  'invalid-regex': 'what the expression is to be',
  'expired-cohort': 'a command of ours, which edits the files itself',
}
/** The same of fixes of which a rule has others as well: which of two routes is to have the host. */
const choosing = /^Put the rules into one route, or /
const sources = { positionOf: () => ({ file: 'k8s/all.yaml', line: 1, column: 1 }) }
const re2Fault = await checkRegexWith()

interface Printed extends PrintedFix {
  readonly rule: string
  readonly message: string
}

/** What lint prints for files. */
const printed = (objects: readonly KubeObject[], complete: boolean): readonly Printed[] =>
  lintView(
    {
      rules: catalogue,
      settings: {
        complete,
        folder: true,
        relativeWeights: false,
        re2Fault,
        now: Date.parse('2026-08-01T12:00:00Z'),
      },
    },
    snapshot(objects),
  )
    .filter(({ severity }) => isAtLeast(severity.lint, 'warning'))
    .map(finding => ({
      rule: finding.rule,
      message: finding.message,
      on: keyOf(finding.ref),
      fix: fixTextOf(finding, { sources }),
    }))

/** Follows one fix after another, as a person does who runs lint again after each. */
function fixed(objects: readonly KubeObject[], complete: boolean): readonly Printed[] {
  for (let step = 0; step < 20; step++) {
    const findings = printed(objects, complete)
    assert.ok(
      findings.every(({ fix }) => !/^(?:kubectl (?!canary )|echo )/m.test(fix)),
      `a command for a cluster: ${JSON.stringify(findings)}`,
    )
    const next = findings.map(finding => followed(objects, finding)).find(each => each !== undefined)
    if (next === undefined) return findings
    objects = next
  }
  assert.fail(`the fixes lead round in a circle: ${JSON.stringify(printed(objects, complete))}`)
}

function checkFixed(text: string, complete: boolean): void {
  const left = fixed(objectsOf(text), complete).filter(
    ({ rule, fix }) => choices[rule] === undefined && !choosing.test(fix),
  )
  assert.deepEqual(
    left.map(({ rule, message, fix }) => `${rule}: ${message}; ${fix}`),
    [],
  )
}

describe('the fixes that lint prints for files, followed to the letter, leave nothing but choices', () => {
  for (const [name, { violates, complete = false }] of Object.entries(examples))
    it(`example of ${name}`, () => checkFixed(violates, complete))

  const folder = new URL('../fixtures/mistakes/broken/', import.meta.url)
  for (const file of readdirSync(folder))
    it(file, () => checkFixed(readFileSync(new URL(file, folder), 'utf8'), false))
})

describe('a fix of a rule that knows what was meant leaves no finding at all', () => {
  const folder = new URL('../fixtures/mistakes/broken/', import.meta.url)
  for (const file of [
    'subset-mistyped.yaml',
    'subset-by-version.yaml',
    'host-mistyped.yaml',
    'own-host-mistyped.yaml',
    'own-host-in-the-wrong-namespace.yaml',
    'destination-in-the-wrong-namespace.yaml',
    'rule-host-mistyped.yaml',
    'gateway-mistyped.yaml',
    'gateway-in-another-namespace.yaml',
    'export-to-mistyped.yaml',
    'service-export-to-mistyped.yaml',
    'service-not-exported.yaml',
    'weight-misspelled.yaml',
    'weights-110.yaml',
    'weights-as-shares.yaml',
    'weight-under-destination.yaml',
    'subset-hidden-by-a-client-rule.yaml',
    'subset-hidden-by-a-wildcard-rule.yaml',
    'subset-hidden-by-several-rules.yaml',
    'subset-not-exported.yaml',
  ])
    it(file, () => assert.deepEqual(fixed(objectsOf(readFileSync(new URL(file, folder), 'utf8')), false), []))
})
