import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { freezeOf, parseFreezes } from '../../shared/plan/freeze/freeze.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { snapshot } from '../../shared/view/snapshot.ts'

const during = new Date('2026-12-25T12:00:00Z')
const freeze = '2026-12-24T00:00Z/2026-12-27T00:00Z holidays; call ann'

const service = (annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog', namespace: 'shop', annotations },
})
const namespace = (annotations: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', annotations },
})
const of = (objects: readonly KubeObject[], now = during) =>
  freezeOf(snapshot(objects), { service: 'catalog', namespace: 'shop' }, now)

test('a freeze on the Service or on its Namespace holds from its beginning until just before its end', () => {
  for (const objects of [
    [service({ 'kubectl-canary/freeze': freeze })],
    [service(), namespace({ 'kubectl-canary/freeze': freeze })],
  ]) {
    const found = of(objects)
    assert.ok(found !== undefined && 'reason' in found)
    assert.equal(found.reason, 'holidays; call ann')
    assert.ok(of(objects, new Date('2026-12-24T00:00:00Z')) !== undefined)
    assert.equal(of(objects, new Date('2026-12-23T23:59:59.999Z')), undefined)
    assert.equal(of(objects, new Date('2026-12-27T00:00:00Z')), undefined)
  }
})

test('the freeze of another service or namespace holds nothing', () => {
  const other = {
    ...service({ 'kubectl-canary/freeze': freeze }),
    metadata: { name: 'orders', namespace: 'shop', annotations: { 'kubectl-canary/freeze': freeze } },
  }
  assert.equal(of([service(), other]), undefined)
})

test('several freezes are apart by a semicolon, and each holds in its own time', () => {
  const text = '2026-01-01/2026-01-02 one; 2026-12-24/2026-12-27 two'
  const found = of([service({ 'kubectl-canary/freeze': text })])
  assert.ok(found !== undefined && 'reason' in found)
  assert.equal(found.reason, 'two')
})

test('an annotation that cannot be read is told, and never taken for no freeze', () => {
  for (const text of [
    'until monday',
    '2026-12-27/2026-12-24',
    '2026-12-24T00:00/2026-12-27T00:00Z',
    '2026-13-01/2026-14-01',
  ])
    assert.deepEqual(of([service({ 'kubectl-canary/freeze': text })]), {
      on: { kind: 'Service', namespace: 'shop', name: 'catalog' },
      text,
    })
})

test('an empty annotation is no freeze', () => {
  assert.equal(of([service({ 'kubectl-canary/freeze': ' ' })]), undefined)
})

test('whatever is written as times and a reason is read back', () => {
  const minute = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map(date => `${date.toISOString().slice(0, 16)}Z`)
  fc.assert(
    fc.property(minute, minute, fc.stringMatching(/^[a-z ,;:]{0,20}$/), (one, other, reason) => {
      fc.pre(one !== other)
      const [from, to] = [one, other].toSorted() as [string, string]
      assert.deepEqual(parseFreezes(`${from}/${to} ${reason}`), [{ from, to, reason: reason.trim() }])
    }),
  )
})
