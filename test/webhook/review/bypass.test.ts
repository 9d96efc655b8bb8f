import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiKindOf, kinds, resources } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { plantedJudge } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  type ReviewInput,
} from '../requests.ts'

const good = virtualService({ v1: 90, v2: 10 })
const bad = virtualService({ v1: 90, v2: 20 })
const defined = destinationRule(['v1', 'v2'])

const judged = (input: ReviewInput): Verdict =>
  review(requestFor(input), {
    view: snapshot([namespaceObject(), service(), defined, good]),
    judge: plantedJudge,
    settings: defaultConfig,
  })
const denied = (input: ReviewInput): readonly string[] => [
  ...new Set(judged(input).denials.map(({ rule }) => rule)),
]

/** Those who clean up behind a deletion. */
const cleaners = [
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
  'system:kube-controller-manager',
]
/** Users whose requests are reviewed, also controllers that write what others want. */
const writers = [
  'jane',
  'system:serviceaccount:kube-system:deployment-controller',
  'system:serviceaccount:flagger-system:flagger',
  'system:serviceaccount:argo-rollouts:argo-rollouts',
  'system:serviceaccount:argocd:argocd-application-controller',
  'system:serviceaccount:flux-system:kustomize-controller',
  'system:serviceaccount:default:generic-garbage-collector',
]

/** Each operation with what it would break. */
const breaking: readonly (readonly [operation: string, input: ReviewInput, rule: string])[] = [
  ['CREATE', { after: { ...bad, metadata: { ...bad.metadata, name: 'new' } } }, 'weights-sum-to-100'],
  ['UPDATE of a route', { before: good, after: bad }, 'weights-sum-to-100'],
  ['UPDATE of what a route needs', { before: defined, after: destinationRule(['v1']) }, 'undefined-subset'],
]
const deletion: ReviewInput = { before: defined }

describe('the controllers of Kubernetes', () => {
  for (const user of cleaners) {
    it(`${user} may delete what is needed`, () => {
      assert.deepEqual(denied({ ...deletion, user }), [])
    })
    for (const [operation, asked, rule] of breaking)
      it(`${user} is refused a breaking ${operation}`, () => {
        assert.deepEqual(denied({ ...asked, user }), [rule])
      })
  }
})

describe('everybody else', () => {
  for (const user of writers)
    it(`${user} is refused whatever breaks a route, with each operation`, () => {
      for (const [operation, asked, rule] of breaking)
        assert.deepEqual(denied({ ...asked, user }), [rule], operation)
      assert.deepEqual(denied({ ...deletion, user }), ['undefined-subset'])
    })
})

it('of every kind only deletions bypass the rules, and only those by the controllers of Kubernetes', () => {
  for (const kind of kinds.filter(each => each !== 'OtherWorkload')) {
    const { group, versions, namespaced } = resources[kind]
    const object = {
      apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
      kind: apiKindOf(kind),
      metadata: { name: 'x', ...(namespaced && { namespace: 'shop' }) },
      spec: {},
    } as KubeObject
    const bypasses = (user: string): unknown =>
      [{ after: object }, { before: object, after: object }, { before: object }].map(
        asked => judged({ ...asked, user }).bypass,
      )
    for (const user of cleaners)
      assert.deepEqual(bypasses(user), [undefined, undefined, 'controller'], `${user} ${kind}`)
    for (const user of writers)
      assert.deepEqual(bypasses(user), [undefined, undefined, undefined], `${user} ${kind}`)
  }
})
