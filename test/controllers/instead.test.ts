import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { instead as atRollout } from '../../shared/controllers/argo-rollouts/instead.ts'
import { instead as atCanary } from '../../shared/controllers/flagger/instead.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { OwnedPlace, OwnedVerb } from '../../shared/routing/controller.ts'
import { aborted, atPause } from './rollout-objects.ts'

const verbs: readonly OwnedVerb[] = [
  'init',
  'cohort',
  'weight',
  'mirror',
  'promote',
  'abort',
  'undo',
  'cleanup',
]
const object = (spec: object, status: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Any',
    metadata: { name: 'web', namespace: 'shop' },
    spec,
    status,
  }) as KubeObject
const place = (fields: Partial<OwnedPlace> = {}): OwnedPlace => ({
  owner: { namespace: 'shop', name: 'web' },
  object: undefined,
  named: 'catalog -n shop',
  files: '',
  edit: 'kubectl edit it',
  live: true,
  ...fields,
})
const canaryOf = (spec: object = {}): KubeObject =>
  object({ targetRef: { kind: 'Deployment', name: 'web' }, ...spec })
const steps = object({ strategy: { canary: { canaryService: 'web-next', stableService: 'web' } } }, atPause)
const colours = (status: object, more: object = { previewService: 'web-preview' }): KubeObject =>
  object({ strategy: { blueGreen: { activeService: 'web', ...more } } }, status)

test('there is something to do instead of each verb at each controller, whatever is in view', () => {
  for (const verb of verbs)
    for (const live of [true, false]) {
      for (const seen of [undefined, canaryOf()])
        assertSaid(atCanary(verb, place({ object: seen, live })), `${verb} of a Canary`)
      for (const seen of [undefined, steps, colours(atPause), colours(aborted)])
        assertSaid(atRollout(verb, place({ object: seen, live })), `${verb} of a Rollout`)
    }
})

function assertSaid(said: readonly string[], what: string): void {
  assert.ok(said.length > 0, what)
  assert.ok(
    said.every(line => !/undefined| {2}|\[object/.test(line)),
    `${what}: ${said.join()}`,
  )
}

describe('an edit of what a Canary owns', () => {
  test('of its settings is made in the Canary', () => {
    for (const [verb, field] of [
      ['init', 'spec.service'],
      ['cohort', 'spec.analysis.match'],
      ['weight', 'stepWeights'],
      ['mirror', 'spec.analysis.mirror'],
    ] as const) {
      const [first] = atCanary(verb, place({ object: canaryOf() }))
      assert.ok(first!.includes(field) && first!.endsWith(': kubectl edit it'), first)
    }
  })

  test('of its shares by hand is for a Canary that is suspended, which is offered where it is not', () => {
    const files = atCanary('weight', place({ object: canaryOf(), files: '-f k8s', live: false }))
    assert.deepEqual(files.slice(1), [
      'To set them by hand, suspend it first: kubectl canary pause catalog -n shop -f k8s',
    ])
    assert.deepEqual(atCanary('weight', place({ object: canaryOf() })).slice(1), [
      'To set them by hand, suspend it first: kubectl canary pause catalog -n shop',
    ])
    assert.equal(atCanary('weight', place({ object: canaryOf({ suspend: true }) })).length, 1)
    assert.equal(atCanary('weight', place()).length, 1)
  })

  test('that is an order is given to it, or where it is not in view as an edit that makes Flagger do it', () => {
    const at = place({ object: canaryOf() })
    assert.deepEqual(atCanary('promote', at), ['Ask Flagger: kubectl canary promote catalog -n shop --full'])
    assert.deepEqual(atCanary('abort', { ...at, live: false }), [
      'On the cluster: kubectl canary abort catalog -n shop',
    ])
    assert.deepEqual(atCanary('undo', at), [
      'Flagger goes back when Deployment web does: change its pod template.',
    ])
    assert.match(atCanary('promote', place())[0]!, /kubectl patch .*"skipAnalysis":true/)
    for (const verb of ['abort', 'undo'] as const)
      assert.deepEqual(atCanary(verb, place()), [
        'Flagger goes back when the workload in spec.targetRef does: change its pod template.',
      ])
  })
})

describe('an edit of what a Rollout owns', () => {
  test('is a step of it, where it has steps', () => {
    for (const [verb, step] of [
      ['cohort', 'setHeaderRoute'],
      ['weight', 'setWeight'],
      ['mirror', 'setMirrorRoute'],
    ] as const)
      for (const seen of [undefined, steps])
        assert.match(
          atRollout(verb, place({ object: seen })).join(),
          new RegExp(`${step} in .*: kubectl edit it$`),
        )
  })

  test('of a blue-green one is its promotion, or its retry after an abort; its preview is named', () => {
    const preview = 'Who asks Service web-preview gets the new version before.'
    const promote = 'To send all requests to the new version: kubectl canary promote catalog -n shop --step'
    for (const verb of ['cohort', 'weight'] as const) {
      const said = (seen: KubeObject, live = true) => atRollout(verb, place({ object: seen, live })).slice(1)
      assert.deepEqual(said(colours(atPause)), [preview, promote])
      assert.deepEqual(said(colours(atPause, {})), [promote])
      assert.deepEqual(said(colours(aborted)), [
        preview,
        'To roll the new version out again: kubectl canary retry catalog -n shop',
      ])
      assert.deepEqual(said(colours({ ...aborted, stableRS: 'c3' })), [preview, promote])
      assert.deepEqual(said(colours(atPause), false), [
        preview,
        'All requests go to the active version until the new one is promoted.',
      ])
    }
    assert.deepEqual(atRollout('mirror', place({ object: colours(atPause) })).slice(1), [preview])
  })

  test('that is an order is given to it, by its own command line where it is not in view', () => {
    for (const [verb, words, own] of [
      ['promote', 'promote catalog -n shop --full', 'promote web -n shop --full'],
      ['abort', 'abort catalog -n shop', 'abort web -n shop'],
      ['undo', 'undo catalog -n shop', 'undo web -n shop'],
    ] as const) {
      assert.deepEqual(atRollout(verb, place({ object: steps })), [
        `Ask its controller: kubectl canary ${words}`,
      ])
      assert.deepEqual(atRollout(verb, place({ object: steps, live: false })), [
        `On the cluster: kubectl canary ${words}`,
      ])
      assert.deepEqual(atRollout(verb, place()), [`Ask its controller: kubectl argo rollouts ${own}`])
    }
  })
})
