import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { changeOf } from '../../../webhook/review/change-of.ts'
import { review } from '../../../webhook/review/review.ts'
import { apiGateway, coreService, istioGateway, knativeService } from '../../objects/other-groups.ts'
import { catalogueJudge } from '../judged.ts'
import { namespaceObject, requestFor, workload, type ReviewInput } from '../requests.ts'

const bound = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: {
    hosts: ['catalog.example.com'],
    gateways: ['catalog'],
    http: [{ route: [{ destination: { host: 'catalog' } }] }],
  },
} as KubeObject

const world = [namespaceObject(), workload('v1'), coreService, istioGateway, bound]
/** The rules that a request breaks or warns of. */
const rulesOf = (asked: ReviewInput, objects: readonly KubeObject[] = world): readonly string[] => {
  const { denials, warnings } = review(requestFor(asked), {
    view: snapshot(objects),
    judge: catalogueJudge,
    settings: defaultConfig,
  })
  return [...new Set([...denials, ...warnings].map(({ rule }) => rule))]
}

describe('an admission request', () => {
  for (const [title, own, foreign, rule] of [
    ['Gateway', istioGateway, apiGateway, 'unknown-gateway'],
    ['Service', coreService, knativeService, 'unknown-host'],
  ] as const) {
    it(`that deletes the ${title} of ours that a route needs is judged, one of another group is not`, () => {
      assert.deepEqual(rulesOf({ before: own }), [rule])
      assert.deepEqual(rulesOf({ before: foreign }), [])
      // Of the Gateway API routes are read, and Istio's rules look at none of its objects.
      assert.equal(changeOf(requestFor({ before: foreign })) === undefined, foreign !== apiGateway)
    })
    it(`is judged as if no ${title} were there where only one of another group is`, () => {
      const others = world.filter(object => object !== own && object !== bound)
      assert.deepEqual(rulesOf({ after: bound }, [...others, own]), [])
      assert.deepEqual(rulesOf({ after: bound }, [...others, foreign]), [rule])
    })
    it(`that creates a ${title} of another group changes nothing that is judged`, () => {
      for (const objects of [world, world.filter(object => object !== own)])
        assert.deepEqual(rulesOf({ after: foreign }, objects), [])
    })
  }
})
