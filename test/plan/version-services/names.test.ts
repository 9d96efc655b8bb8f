import assert from 'node:assert/strict'
import test from 'node:test'
import { distinctlyNamed } from '../../../shared/providers/istio/read/applications/versions.ts'
import type { IstioVersion } from '../../../shared/providers/istio/read/istio-version.ts'

/** The names of versions, each given as its label and `SERVICE.NAMESPACE`. */
const names = (...versions: readonly (readonly [string, string])[]): readonly string[] =>
  distinctlyNamed(
    versions.map(([name, host]): IstioVersion => {
      const [service = '', namespace = ''] = host.split('.')
      return { name, service: { name: service, namespace }, workloads: [], unseenBy: [] }
    }),
  ).map(({ name }) => name)

test('versions are called by their labels where these differ, whatever other Services are called', () => {
  assert.deepEqual(names(['v1', 'a.shop'], ['v2', 'b.shop']), ['v1', 'v2'])
  assert.deepEqual(names(['v1', 'a.shop'], ['a', 'b.shop']), ['v1', 'a'])
})

test('versions of one label are called by their Services, and with the namespace where these are alike', () => {
  assert.deepEqual(names(['v1', 'a.shop'], ['v1', 'b.shop'], ['v2', 'c.shop']), ['a', 'b', 'v2'])
  assert.deepEqual(names(['v1', 'a.shop'], ['v1', 'a.web']), ['a.shop', 'a.web'])
  assert.deepEqual(names(['v1', 'a.shop'], ['v1', 'b.shop'], ['a', 'c.shop']), ['a.shop', 'b', 'a'])
})
