import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { envelopeOf, requestOf } from '../../../webhook/admission/decode-review.ts'
import { changeOf } from '../../../webhook/review/change-of.ts'
import { allow, deny, failureAnswer } from '../../../webhook/admission/response.ts'
import { requestFor, reviewOf, virtualService } from '../requests.ts'

const object = virtualService({ v1: 100 })

describe('the request of a review', () => {
  it('takes the name from the object where its own is empty, as in a deletecollection', () => {
    assert.equal(requestFor({ before: object, fields: { name: '' } }).name, 'catalog')
  })
  it('gives a namespace to an object that has none yet', () => {
    const { namespace: _, ...metadata } = object.metadata
    assert.equal(
      requestFor({ after: { ...object, metadata }, fields: { namespace: 'shop' } }).object?.metadata
        .namespace,
      'shop',
    )
  })
  it('gives an object without a spec an empty one', () => {
    const { spec: _, ...bare } = object as unknown as { spec: object } & typeof object
    assert.deepEqual((requestFor({ after: bare }).object as unknown as { spec: object }).spec, {})
  })
  it('has the apiVersion of its kind, which in the core group is the version alone', () => {
    const of = (kind: object): string => requestFor({ after: object, fields: { kind } }).apiVersion
    assert.deepEqual(
      [
        of({ group: '', version: 'v1', kind: 'Service' }),
        of({ group: 'apps', version: 'v1', kind: 'Deployment' }),
      ],
      ['v1', 'apps/v1'],
    )
  })
})

describe('an unusual review', () => {
  it('is unreadable without a complete kind, and with fields of another type', () => {
    for (const fields of [
      { kind: { group: '', kind: 'Service' } },
      { kind: { group: '', version: 'v1' } },
      { kind: null },
      { namespace: 1 },
      { userInfo: [] },
      { object: 'x' },
    ]) {
      assert.throws(() => requestFor({ after: object, fields }), { code: 'unreadable' })
    }
  })
  it('has null for a field that is left out', () =>
    assert.deepEqual(
      [requestFor({ after: object, fields: { userInfo: null, subResource: null } })].map(
        ({ user, subResource }) => [user, subResource],
      ),
      [['', '']],
    ))
  it('is no review without a uid', () => {
    for (const body of [
      null,
      1,
      'x',
      [],
      {},
      { request: null },
      { request: {} },
      { request: { uid: '' } },
      { request: { uid: 7 } },
    ]) {
      assert.equal(envelopeOf(body), undefined)
    }
  })
  it('keeps a __proto__ key as a key', () => {
    const text = JSON.stringify(reviewOf({ after: object })).replace(
      '"metadata":{',
      '"metadata":{"annotations":{"__proto__":"x"},',
    )
    const { object: read } = requestOf(envelopeOf(JSON.parse(text))!)
    assert.deepEqual(Object.keys(read?.metadata.annotations ?? {}), ['__proto__'])
    assert.equal(({} as Record<string, unknown>)['x'], undefined)
  })
})

describe('the change that a request asks for', () => {
  it('has both sides of an update, one of a creation and one of a deletion', () => {
    const sides = (change: ReturnType<typeof changeOf>): readonly boolean[] => [
      change?.before !== undefined,
      change?.after !== undefined,
    ]
    assert.deepEqual(sides(changeOf(requestFor({ after: object }))), [false, true])
    assert.deepEqual(sides(changeOf(requestFor({ before: object, after: object }))), [true, true])
    assert.deepEqual(sides(changeOf(requestFor({ before: object }))), [true, false])
  })
  it('is unreadable without the object that the operation needs', () => {
    for (const fields of [
      { object: null },
      { operation: 'UPDATE' },
      { operation: 'DELETE', oldObject: null },
      { operation: 'create' },
    ]) {
      assert.throws(
        () => changeOf(requestFor({ after: object, fields })),
        (error: unknown) => error instanceof CanaryError && error.code === 'unreadable',
      )
    }
  })
})

describe('answers', () => {
  const to = { uid: 'c0ffee', apiVersion: 'admission.k8s.io/v1' }
  it('repeat the uid and only allow', () => {
    assert.deepEqual(allow(to), {
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'c0ffee', allowed: true },
    })
  })
  it('deny with 403 and Forbidden', () => {
    const { allowed, status } = deny(to, 'no').response
    assert.deepEqual(
      [allowed, status],
      [false, { status: 'Failure', code: 403, reason: 'Forbidden', message: 'no' }],
    )
  })
  it('to a failed review follow onError', () => {
    assert.equal(failureAnswer(to, 'x', 'allow').response.allowed, true)
    assert.equal(failureAnswer(to, 'x', 'allow').response.warnings?.length, 1)
    assert.equal(failureAnswer(to, 'x'.repeat(9999), 'deny').response.allowed, false)
  })
})
