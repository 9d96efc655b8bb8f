import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { DestinationRule } from '../../../../shared/objects/destination-rule.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { istio } from '../../../../shared/providers/istio/provider.ts'
import type { RetiredVersions } from '../../../../shared/routing/provider.ts'
import { inSession } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import {
  deployment,
  destinationRule,
  fromGateway,
  inMesh,
  namespace,
  service,
  toSubset,
} from '../../../plan/worlds.ts'

const catalog = { name: 'catalog', namespace, clusterDomain: 'cluster.local' }
const around = [
  service(),
  ...['v1', 'v2', 'v3'].map(version => deployment(`catalog-${version}`, { app: 'catalog', version })),
]
const retired = (names: readonly string[], ...objects: readonly KubeObject[]): RetiredVersions => {
  const view = inSession(snapshot([...around, ...objects]))
  return istio.retire(istio.read(view, catalog, { complete: true }), names)
}
const subsetsAfter = ({ changes }: RetiredVersions): readonly unknown[] =>
  changes.map(({ after }) => (after as DestinationRule).spec.subsets?.map(({ name }) => name))

describe('a version that is retired', () => {
  it('loses its subset, and no other does', () => {
    const plan = retired(['v2'], destinationRule('v1', 'v2', 'v3'), inMesh())
    assert.deepEqual(subsetsAfter(plan), [['version-v1', 'version-v3']])
    assert.deepEqual(plan.named, [])
  })
  it('leaves no empty list of subsets', () => {
    const [change] = retired(['v1'], destinationRule('v1')).changes
    assert.deepEqual(Object.keys((change!.after as DestinationRule).spec), ['host'])
  })
  it('keeps its subset where a route names it, which is told', () => {
    const routed = fromGateway(toSubset('version-v2'))
    const plan = retired(['v2', 'v3'], destinationRule('v1', 'v2', 'v3'), inMesh(), routed)
    assert.deepEqual(subsetsAfter(plan), [['version-v1', 'version-v2']])
    assert.deepEqual(plan.named, [
      { version: 'v2', routes: [{ kind: 'VirtualService', namespace, name: 'catalog-vs-from-gw' }] },
    ])
  })
  it('changes nothing where no rule has its subset', () => {
    assert.deepEqual(retired(['v3'], destinationRule('v1', 'v2'), inMesh()).changes, [])
  })
  it('keeps the subsets that other namespaces have for it', () => {
    const own = destinationRule('v1', 'v2')
    const other = { ...own, metadata: { ...own.metadata, namespace: 'other' } }
    assert.deepEqual(
      retired(['v2'], own, other, inMesh()).changes.map(({ after }) => after?.metadata.namespace),
      [namespace],
    )
  })
  it('is refused where a controller owns the rule', () => {
    const rule = destinationRule('v1', 'v2')
    const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog', controller: true }
    const owned = { ...rule, metadata: { ...rule.metadata, ownerReferences: [{ ...owner, uid: '1' }] } }
    assert.throws(() => retired(['v2'], owned, inMesh()), CanaryError)
  })
})
