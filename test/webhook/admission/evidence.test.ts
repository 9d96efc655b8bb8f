import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { freshChanges, restingOf } from '../../../webhook/admission/evidence.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { destinationRule } from '../requests.ts'

const rule = destinationRule(['v1'])
const other = destinationRule(['v1'], { name: 'other' })
const elsewhere = destinationRule(['v1'], { namespace: 'elsewhere' })
const view = snapshot([rule, other, elsewhere])
const all = { kind: 'DestinationRule', namespace: 'shop' } as const
const one = { ...all, name: 'catalog' } as const

describe('what a read found, as changes of the view', () => {
  it('is nothing where it found what was known', () => {
    assert.deepEqual([freshChanges(view, all, [rule, other]), freshChanges(view, one, [rule])], [[], []])
  })
  it('is what has gone, in the namespace that was read and nowhere else', () => {
    assert.deepEqual(freshChanges(view, all, [rule]), [{ before: other }])
    assert.deepEqual(freshChanges(view, one, []), [{ before: rule }])
    assert.deepEqual(freshChanges(view, { ...one, name: 'unknown' }, []), [])
  })
  it('is what has come, and what has another version now', () => {
    const [newer, third] = [
      destinationRule(['v1', 'v2'], { resourceVersion: '2' }),
      destinationRule(['v1'], { name: 'third' }),
    ]
    assert.deepEqual(freshChanges(view, all, [newer, other, third]), [
      { before: rule, after: newer },
      { before: undefined, after: third },
    ])
  })
  it('is everywhere where the kind was read in all namespaces', () =>
    assert.deepEqual(freshChanges(view, { ...all, namespace: '' }, [rule, other]), [{ before: elsewhere }]))
})

describe('what a denial rests on', () => {
  const finding = (fields: Partial<Finding>): Finding => ({
    rule: 'r',
    family: 'r',
    ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
    severity: { webhook: 'error', lint: 'error' },
    path: [],
    message: '',
    about: '',
    fix: '',
    ...fields,
  })
  const namespace = (name: string) => ({ kind: 'Namespace', namespace: '', name }) as const
  it('are the namespaces, the object that would break and what the rule names, each once, but not what is in the request', () => {
    const subject = { kind: 'DestinationRule', namespace: 'rules', name: 'catalog' } as const
    const { ref } = finding({})
    assert.deepEqual(restingOf(finding({ restsOn: [one, one, subject] }), subject), [
      namespace('rules'),
      namespace('shop'),
      ref,
      one,
    ])
    assert.deepEqual(restingOf(finding({}), ref), [namespace('shop')])
  })
  it('is no namespace where an object has none', () => {
    const subject = { kind: 'Namespace', namespace: '', name: 'shop' } as const
    assert.deepEqual(
      restingOf(finding({}), subject),
      [namespace('shop'), finding({}).ref].filter(({ kind }) => kind !== 'Namespace'),
    )
  })
})
