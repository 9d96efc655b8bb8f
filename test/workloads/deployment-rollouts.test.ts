import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Workload } from '../../shared/objects/core.ts'
import { isInProgress, rolloutOf } from '../../shared/workloads/deployment-rollouts.ts'

/** A Deployment of three pods that has been rolled out, but for some of its status. */
const deployment = (status: object, spec: object = {}): Workload =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hello', namespace: 'shop', generation: 2 },
    spec: { replicas: 3, ...spec },
    status: {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      ...status,
    },
  }) as unknown as Workload

describe('the rollout of a Deployment', () => {
  it('is over where kubectl rollout status says that it is', () => {
    assert.equal(isInProgress(rolloutOf(deployment({}))), false)
    assert.equal(isInProgress(rolloutOf(deployment({ observedGeneration: 3 }))), false)
  })

  for (const [what, status, spec] of [
    ['its controller has not seen the template', { observedGeneration: 1 }, {}],
    ['fewer pods are updated than it asks for', { updatedReplicas: 2, replicas: 2 }, {}],
    ['pods of an earlier template are left', { replicas: 4 }, {}],
    ['updated pods are not available', { availableReplicas: 2 }, {}],
    ['it is paused', {}, { paused: true }],
  ] as const)
    it(`is in progress where ${what}`, () => {
      assert.equal(isInProgress(rolloutOf(deployment(status, spec))), true)
    })
})
