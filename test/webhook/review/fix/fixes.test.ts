import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../../shared/rules/catalogue.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../../webhook/config/config.ts'
import { review } from '../../../../webhook/review/review.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
} from '../../requests.ts'

const unreadable = virtualService(
  { v1: 90, v2: 10 },
  { annotations: { 'kubectl-canary/cohorts': 'internal' } },
)

test('an unreadable record is a warning; where it is denied, the fix is in the object that comes', () => {
  const objects: readonly KubeObject[] = [
    namespaceObject(),
    service(),
    destinationRule(['v1', 'v2']),
    workload('v1'),
    workload('v2'),
  ]
  const context = {
    view: snapshot(objects),
    judge: { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    settings: defaultConfig,
  }
  const { denials, warnings } = review(requestFor({ after: unreadable }), context)
  assert.deepEqual([denials, warnings.map(({ rule }) => rule)], [[], ['unreadable-record']])
  const strict = { ...defaultConfig, rules: { 'unreadable-record': 'deny' } } as const
  const denied = review(requestFor({ after: unreadable }), { ...context, settings: strict })
  assert.deepEqual(
    denied.denials.map(({ fix }) => fix),
    ['Remove metadata.annotations["kubectl-canary/cohorts"] from VirtualService shop/catalog'],
  )
})
