import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { answerReview } from '../../../webhook/admission/answer-review.ts'
import type { AdmissionAnswer } from '../../../webhook/admission/response.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { reviewerOf } from '../admission/reviewers.ts'
import { catalogueJudge } from '../judged.ts'
import { destinationRule, namespaceObject, reviewOf, service, virtualService, workload } from '../requests.ts'

const objects = [
  namespaceObject(),
  service(),
  workload('v1'),
  projectObject(workload('v2', { replicas: 2 }))!,
  workload('v3', { kind: 'StatefulSet' }),
  destinationRule(['v1', 'v2', 'v3']),
  virtualService({ v1: 80, v2: 10, v3: 10 }),
]

const scale = (name: string, replicas: number): KubeObject =>
  ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace: 'shop' },
    spec: replicas === 0 ? {} : { replicas },
  }) as KubeObject

async function scaled(
  resource: string,
  name: string,
  { from = 1, to = 0 }: { readonly from?: number; readonly to?: number } = {},
): Promise<AdmissionAnswer['response']> {
  const body = reviewOf({
    before: scale(name, from),
    after: scale(name, to),
    fields: { subResource: 'scale', resource: { group: 'apps', version: 'v1', resource } },
  })
  const answer = await answerReview(
    JSON.stringify(body),
    1000,
    reviewerOf({ objects, judge: catalogueJudge }),
  )
  return answer!.response
}

describe('scaling to zero, as kubectl scale does', () => {
  for (const [resource, name, subset] of [
    ['deployments', 'catalog-v2', 'v2'],
    ['statefulsets', 'catalog-v3', 'v3'],
  ] as const) {
    it(`of a routed version in ${resource} is allowed with a warning that names the route`, async () => {
      const { allowed, warnings = [] } = await scaled(resource, name)
      assert.ok(allowed)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, /^subset-matches-no-workload: .* \(VirtualService shop\/catalog\)$/)
      assert.ok(warnings[0]!.includes(`subset ${subset} has only workloads that are scaled to zero`))
    })
  }
  it('of what no route leads to, or of an unknown workload, and scaling to another number say nothing', async () => {
    for (const answer of [
      await scaled('deployments', 'other'),
      await scaled('deployments', 'catalog-v2', { to: 1 }),
      await scaled('replicasets', 'catalog-v2'),
    ])
      assert.deepEqual([answer.allowed, answer.warnings], [true, undefined])
  })
})
