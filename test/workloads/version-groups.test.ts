import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { groupsByName, isNamedFor } from '../../shared/workloads/version-groups.ts'

const hostOf = (name: string, namespace = 'shop'): string => `${name}.${namespace}.svc.cluster.local`

test('a host is named for itself and for that of its name without the version, in one namespace', () => {
  const catalog = hostOf('catalog')
  const named = ['catalog', 'catalog-v2', 'catalogue', 'catalogue-v2', 'cat'].filter(name =>
    isNamedFor(catalog, hostOf(name)),
  )
  assert.deepEqual(named, ['catalog', 'catalog-v2'])
  assert.equal(isNamedFor(catalog, hostOf('catalog-v2', 'other')), false)
})

const service = (name: string, selector: object): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector, ports: [{ port: 80 }] },
  }) as KubeObject
const versions = ['v1', 'v2'].map(version => service(`catalog-${version}`, { app: 'catalog', version }))
const view = snapshot([
  service('catalog', { app: 'catalog' }),
  ...versions,
  service('cart', { app: 'cart' }),
  service('web-v1', { app: 'web', version: 'v1' }),
])

test('Services are grouped by their names under the one that has the pods of all, whichever of them is asked for', () => {
  const group = [{ hosts: ['catalog-v1', 'catalog-v2'].map(name => hostOf(name)), apex: hostOf('catalog') }]
  for (const name of ['catalog', 'catalog-v1', 'catalog-v2'])
    assert.deepEqual(groupsByName(view, hostOf(name)), group, name)
})
test('a Service without versions, a version without such a Service and a host of nobody are in no group', () => {
  for (const host of [hostOf('cart'), hostOf('web-v1'), hostOf('nobody'), 'example.com'])
    assert.deepEqual(groupsByName(view, host), [], host)
})
