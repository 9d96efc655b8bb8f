import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { judgedAmong } from '../../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../../requests.ts'

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
  const judged = judgedAmong(objects)
  const { denials, warnings } = judged({ after: unreadable })
  assert.deepEqual([denials, warnings.map(({ rule }) => rule)], [[], ['unreadable-record']])
  const denied = judged({ after: unreadable }, [], { rules: { 'unreadable-record': 'deny' } })
  assert.deepEqual(
    denied.denials.map(({ fix }) => fix),
    ['Remove metadata.annotations["kubectl-canary/cohorts"] from VirtualService shop/catalog'],
  )
})
