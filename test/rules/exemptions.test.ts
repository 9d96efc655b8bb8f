import assert from 'node:assert/strict'
import test from 'node:test'
import { anyText, fc } from '../properties.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import {
  checkExemptions,
  exemptAnnotation,
  exemptionReason,
  exemptionsInComments,
  exemptionsOf,
  withoutExempted,
} from '../../shared/rules/exemptions.ts'
import type { Finding } from '../../shared/rules/rule.ts'

const annotated = (text: string): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop', annotations: { [exemptAnnotation]: text } },
})
const finding = (rule: string): Finding => ({
  rule,
  family: rule,
  ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
  path: ['spec'],
  about: '',
  message: '',
  fix: '',
  severity: { webhook: 'error', lint: 'error' },
})
const ids = new Set(['weights-sum-to-100', 'unknown-host'])

test('an annotation holds several exemptions, one a line or parted by semicolons', () => {
  assert.deepEqual(
    exemptionsOf(annotated('weights-sum-to-100: relative: on purpose\n unknown-host : later ; a: b;')),
    [
      { rule: 'weights-sum-to-100', reason: 'relative: on purpose' },
      { rule: 'unknown-host', reason: 'later' },
      { rule: 'a', reason: 'b' },
    ],
  )
})

test('an exemption without a reason does not count and is itself a warning', () => {
  const object = annotated('weights-sum-to-100')
  assert.equal(exemptionReason(object, 'weights-sum-to-100'), undefined)
  assert.equal(
    withoutExempted([finding('weights-sum-to-100')], { ids, objectOf: () => object }).findings.length,
    1,
  )
  assert.deepEqual(
    checkExemptions(object, ids).map(({ rule, severity, about }) => [rule, severity.webhook, about]),
    [['invalid-exemption', 'warning', 'weights-sum-to-100']],
  )
})

test('an exemption from a rule that does not exist is a warning', () => {
  assert.deepEqual(
    checkExemptions(annotated('no-such-rule: why; unknown-host: because'), ids).map(({ about }) => about),
    ['no-such-rule'],
  )
})

test('takes away what the object is exempted from, and nothing else', () => {
  const { findings, exempted } = withoutExempted([finding('unknown-host'), finding('weights-sum-to-100')], {
    ids,
    objectOf: () => annotated('unknown-host: comes later'),
  })
  assert.deepEqual(
    findings.map(({ rule }) => rule),
    ['weights-sum-to-100'],
  )
  assert.deepEqual(
    exempted.map(({ reason }) => reason),
    ['comes later'],
  )
})

test('takes away what a comment on the line disables, and warns once of a comment that says nothing', () => {
  const exempting = (comment: string) => ({
    ids,
    objectOf: () => undefined,
    commentsOf: () => ['something else', comment],
  })
  assert.deepEqual(
    withoutExempted([finding('unknown-host')], exempting(' canary-lint-disable unknown-host: comes later'))
      .findings,
    [],
  )
  const two = [finding('unknown-host'), { ...finding('unknown-host'), about: 'b' }]
  assert.deepEqual(
    withoutExempted(two, exempting('canary-lint-disable unknown-host')).findings.map(({ rule }) => rule),
    ['unknown-host', 'unknown-host', 'invalid-exemption'],
  )
})

test('comments are read with and without their sign, and words that only begin alike are none', () => {
  assert.equal(exemptionsInComments(['# canary-lint-disable a: b', 'canary-lint-disable a: b']).length, 2)
  assert.deepEqual(exemptionsInComments(['canary-lint-disabled a: b', 'see canary-lint-disable', '']), [])
})

test('no text makes it crash', () =>
  fc.assert(
    fc.property(anyText(), text => {
      assert.doesNotThrow(() => checkExemptions(annotated(text), ids))
      exemptionsInComments([text])
    }),
  ))
