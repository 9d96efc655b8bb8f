import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  apiKindOf,
  formatKind,
  isKind,
  kindFinder,
  kindOf,
  kinds,
  resources,
} from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'

const typeOf = (kind: (typeof kinds)[number], group = resources[kind].group) => ({
  apiVersion: `${group === '' ? '' : `${group}/`}${resources[kind].versions[0]}`,
  kind: apiKindOf(kind),
})

describe('a kind', () => {
  it('is found by its group and its name, whatever the version', () => {
    for (const kind of kinds) assert.equal(kindOf(typeOf(kind)), kind)
    assert.equal(kindOf({ apiVersion: 'networking.istio.io/v1beta1', kind: 'Gateway' }), 'Gateway')
  })
  it('is no kind of ours in another group', () => {
    for (const kind of kinds)
      for (const group of ['', 'example.com', 'networking.istio.io.example.com'])
        if (kinds.every(key => apiKindOf(key) !== apiKindOf(kind) || group !== resources[key].group))
          assert.equal(kindOf(typeOf(kind, group)), undefined)
    assert.equal(kindOf({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass' }), undefined)
    assert.equal(kindOf({ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }), undefined)
  })
  it('is not narrowed to by an object of another group', () => {
    const gateway = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'edge' },
    } as KubeObject
    assert.equal(isKind('Gateway', gateway), false)
    assert.equal(isKind('Gateway', { ...gateway, apiVersion: 'networking.istio.io/v1' }), true)
  })
  it('that shares its name with one of another group has a key of its own', () => {
    const find = kindFinder({
      Gateway: { group: 'networking.istio.io' },
      'Gateway.gateway.networking.k8s.io': { group: 'gateway.networking.k8s.io' },
    })
    assert.equal(find({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' }), 'Gateway')
    assert.equal(
      find({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' }),
      'Gateway.gateway.networking.k8s.io',
    )
    assert.equal(find({ apiVersion: 'example.com/v1', kind: 'Gateway' }), undefined)
    assert.equal(apiKindOf('Gateway.gateway.networking.k8s.io'), 'Gateway')
  })
  it('carries its own group in its key, where it carries one', () => {
    for (const kind of kinds) assert.ok([apiKindOf(kind), formatKind(typeOf(kind))].includes(kind), kind)
  })
})
