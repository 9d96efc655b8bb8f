import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { missedChanges, evidenceOf } from '../../../webhook/admission/evidence.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { destinationRule } from '../requests.ts'

const rule = destinationRule(['v1'])
const other = destinationRule(['v1'], { name: 'other' })
const elsewhere = destinationRule(['v1'], { namespace: 'elsewhere' })
const view = snapshot([rule, other, elsewhere])
const all = { kind: 'DestinationRule', namespace: 'shop' } as const
const one = { ...all, name: 'catalog' } as const

describe('the changes that the view has missed', () => {
  it('are none if the read found the known objects', () => {
    assert.deepEqual([missedChanges(view, all, [rule, other]), missedChanges(view, one, [rule])], [[], []])
  })
  it('are deletions, only in the namespace that was read', () => {
    assert.deepEqual(missedChanges(view, all, [rule]), [{ before: other }])
    assert.deepEqual(missedChanges(view, one, []), [{ before: rule }])
    assert.deepEqual(missedChanges(view, { ...one, name: 'unknown' }, []), [])
  })
  it('are new objects, and objects with another version', () => {
    const [newer, third] = [
      destinationRule(['v1', 'v2'], { resourceVersion: '2' }),
      destinationRule(['v1'], { name: 'third' }),
    ]
    assert.deepEqual(missedChanges(view, all, [newer, other, third]), [
      { before: rule, after: newer },
      { before: undefined, after: third },
    ])
  })
  it('are in all namespaces if the kind was read in all of them', () =>
    assert.deepEqual(missedChanges(view, { ...all, namespace: '' }, [rule, other]), [{ before: elsewhere }]))
})

describe('the evidence of a denial', () => {
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
  it('is the namespaces, the object that would break and what the rule names, each once, without the object in the request', () => {
    const subject = { kind: 'DestinationRule', namespace: 'rules', name: 'catalog' } as const
    const { ref } = finding({})
    assert.deepEqual(evidenceOf(finding({ restsOn: [one, one, subject] }), subject), [
      namespace('rules'),
      namespace('shop'),
      ref,
      one,
    ])
    assert.deepEqual(evidenceOf(finding({ restsOn: [one] }), ref), [namespace('shop'), one])
  })
  it('is nothing where the object in the request alone shows what is wrong', () =>
    assert.deepEqual(evidenceOf(finding({}), finding({}).ref), []))
  it('has no namespace for a cluster-scoped object', () => {
    const subject = { kind: 'Namespace', namespace: '', name: 'shop' } as const
    assert.deepEqual(
      evidenceOf(finding({}), subject),
      [namespace('shop'), finding({}).ref].filter(({ kind }) => kind !== 'Namespace'),
    )
  })
})
