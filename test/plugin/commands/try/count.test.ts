import assert from 'node:assert/strict'
import test from 'node:test'
import { countOf, namespaceNotCount, seedOf } from '../../../../plugin/commands/try/count.ts'
import type { Session } from '../../../../plugin/session.ts'
import { words } from '../../run-command.ts'

const session = (line: string, namespace?: string): Session =>
  ({ argv: words(line), flags: { namespace } }) as unknown as Session

test('a count is a whole number from 1 to ten million, of --count or of -n', () => {
  for (const count of [1, 1000, 10_000_000]) {
    assert.equal(countOf(session(''), String(count)), count)
    assert.equal(countOf(session(`-n ${count}`), undefined), count)
  }
  for (const text of ['0', '10000001', '-1', '1.5', 'x', ''])
    assert.throws(() => countOf(session(''), text), { code: 'usage' })
  assert.equal(countOf(session('-n shop'), undefined), undefined)
  assert.equal(countOf(session('-n 5 -n=7 -n9'), undefined), 9)
})

test('a seed is a whole number below a billion, 1 when left out', () => {
  assert.deepEqual([seedOf(), seedOf('0'), seedOf('999999999')], [1, 0, 999_999_999])
  for (const text of ['1000000000', '-1', 'x']) assert.throws(() => seedOf(text), { code: 'usage' })
})

test('a number behind -n is no namespace, and one behind --namespace is', () => {
  const namespaceOf = (line: string, namespace: string): string | undefined => {
    const one = session(line, namespace)
    namespaceNotCount(one)
    return one.flags.namespace
  }
  assert.equal(namespaceOf('-n 5', '5'), undefined)
  assert.equal(namespaceOf('-n shop -n 5', '5'), 'shop')
  assert.equal(namespaceOf('-n 5 -n shop', 'shop'), 'shop')
  assert.equal(namespaceOf('--namespace 5', '5'), '5')
  assert.equal(namespaceOf('-n shop', 'shop'), 'shop')
})
