import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { catalogueJudge } from '../judged.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
} from '../requests.ts'

const root = { namespace: 'istio-system' }
const network = { 'topology.istio.io/network': 'network1' }
const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'cross-network-gateway', ...root },
  spec: {
    servers: [
      { port: { number: 15443, protocol: 'TLS' }, hosts: ['*.local'], tls: { mode: 'AUTO_PASSTHROUGH' } },
    ],
  },
} as unknown as KubeObject

/** A route to v2, whose workloads are not in this cluster. */
function judged(signs: readonly KubeObject[], multiCluster?: boolean): Verdict {
  const objects = [namespaceObject(), service(), workload('v1'), destinationRule(['v1', 'v2']), ...signs]
  return review(requestFor({ after: virtualService({ v1: 50, v2: 50 }) }), {
    view: snapshot(objects),
    judge: catalogueJudge,
    settings: { ...defaultConfig, mesh: multiCluster === undefined ? {} : { multiCluster } },
  })
}
const effects = ({ denials, warnings }: Verdict): readonly (readonly string[])[] =>
  [denials, warnings].map(found => found.map(({ rule }) => rule))
const rule = 'subset-matches-no-workload'

describe('a destination without a workload in this cluster', () => {
  it('is refused in a mesh of one cluster', () => {
    assert.deepEqual(effects(judged([])), [[rule], []])
    assert.deepEqual(effects(judged([namespaceObject({ name: 'istio-system' })])), [[rule], []])
  })
  for (const [sign, object] of [
    ['the network label of the root namespace', namespaceObject({ name: 'istio-system', labels: network })],
    [
      "an east-west gateway's Service",
      service({ name: 'east', ...root, labels: { istio: 'eastwestgateway' } }),
    ],
    ['a Gateway between networks', gateway],
  ] as const) {
    it(`is a warning where ${sign} shows that there are more, unless the configuration says otherwise`, () => {
      assert.deepEqual(effects(judged([object])), [[], [rule]])
      assert.deepEqual(effects(judged([object], false)), [[rule], []])
    })
  }
  it('is a warning where the configuration says that there are more', () => {
    assert.deepEqual(effects(judged([], true)), [[], [rule]])
  })
})
