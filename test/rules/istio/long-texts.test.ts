/** An object has up to 3 MB, all of which may be one text: what takes the square of its length would take hours. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { istioRejects } from '../../../shared/rules/istio/istio-rejects.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const rule = istioRejects.find(({ subject }) => subject === 'VirtualService')!

const faultsOf = (route: object): readonly string[] => {
  const object: KubeObject & { readonly spec: object } = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { hosts: ['cart'], http: [route] },
  }
  return [...rule.check(snapshot([]), object as never, { complete: true, relativeWeights: false })].map(
    ({ path }) => formatPath(path),
  )
}

it('a duration is refused, however many digits it has', () =>
  assert.deepEqual(faultsOf({ route: [{ destination: { host: 'cart' } }], timeout: '1'.repeat(2_000_000) }), [
    'spec.http[0].timeout',
  ]))
