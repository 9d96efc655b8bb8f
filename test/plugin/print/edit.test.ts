import assert from 'node:assert/strict'
import test from 'node:test'
import { formatEdit, type ShownEdit } from '../../../plugin/print/edits/edit.ts'
import { formatJudged, refusal } from '../../../plugin/print/findings.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Traffic } from '../../../shared/routing/traffic.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import type { Outcome } from '../../../shared/view/store.ts'

const object: KubeObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
}
const ref = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' } as const
const outcome = (action: Outcome['action'], dryRun: Outcome['dryRun'] = 'none'): Outcome => ({
  ref,
  action,
  dryRun,
})
const traffic: Traffic = {
  service: 'catalog',
  namespace: 'shop',
  versions: [],
  entryPoints: [
    {
      ref,
      hosts: ['catalog'],
      gateways: ['mesh'],
      cohorts: [],
      splits: [{ takes: '', shares: [{ version: 'v2', percent: 100 }], reached: true }],
      mirrors: [],
    },
  ],
  notes: [],
}
const shown = (more: Partial<ShownEdit> = {}): ShownEdit => ({
  plan: { traffic: { before: traffic, after: traffic }, objects: [object] },
  outcomes: [outcome('configured')],
  namespace: 'shop',
  ...more,
})
const finding: Finding = {
  rule: 'undefined-subset',
  family: 'undefined-subset',
  ref,
  path: ['spec', 'http', 0],
  about: 'v9',
  severity: { webhook: 'error', lint: 'error' },
  message: 'subset v9 is not defined',
  fix: 'kubectl patch …',
}

test('an edit says who gets what, then what was done with each object', () => {
  assert.equal(
    formatEdit(shown(), { withObjects: true }),
    'catalog: everyone → v2\nvirtualservice.networking.istio.io/catalog configured',
  )
  assert.equal(formatEdit(shown(), { withObjects: false }), 'catalog: everyone → v2')
  assert.match(
    formatEdit(shown({ namespace: 'web', outcomes: [outcome('created', 'server')] }), { withObjects: true }),
    /catalog created in namespace shop \(server dry run\)$/,
  )
})

test('an edit that changes nothing says that its objects are unchanged', () => {
  for (const outcomes of [[], [outcome('unchanged')]])
    for (const withObjects of [true, false])
      assert.equal(
        formatEdit(shown({ outcomes }), { withObjects }),
        'catalog: everyone → v2\nvirtualservice.networking.istio.io/catalog unchanged',
      )
  assert.equal(
    formatEdit({ ...shown({ outcomes: [] }), plan: { objects: [] } }, { withObjects: true }),
    'unchanged',
  )
})

test('a finding on an edit says where it is, how to fix it, and why the edit goes on', () => {
  const text =
    'VirtualService shop/catalog spec.http[0]: subset v9 is not defined (undefined-subset)\n  Fix: kubectl patch …'
  assert.equal(formatJudged({ kind: 'warning', finding }), text)
  assert.equal(formatJudged({ kind: 'existing', finding }), `existing problem: ${text}`)
  assert.equal(formatJudged({ kind: 'overridden', finding }), `overridden by --force: ${text}`)
})

test('a refusal lists its findings, and offers --force only where it helps', () => {
  const { code, message, hints } = refusal([finding, finding], { offersForce: false })
  assert.equal(code, 'refused')
  assert.match(message, /this would break 2 rules$/)
  assert.equal(hints.length, 2)
  assert.doesNotMatch(hints.join('\n'), /--force|webhook/)
  const forced = refusal([finding], { offersForce: true })
  assert.match(forced.message, /this would break a rule$/)
  assert.match(forced.hints.at(-1)!, /--force: these callers then lose the service\.$/)
  assert.match(
    refusal([{ ...finding, absent: 'workload' }], { offersForce: true }).hints.at(-1)!,
    /--force: these requests then fail until pods/,
  )
})
