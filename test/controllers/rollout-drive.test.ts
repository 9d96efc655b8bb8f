import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { drive } from '../../shared/controllers/argo-rollouts/drive.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ControllerOrder, DrivenRollout, OrderWords } from '../../shared/routing/controller.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { aborted, atPause, inAnalysis, promoted, replicaSet, rolloutObjects } from './rollout-objects.ts'
import { rolloutOrders } from './rollout-orders.ts'

const uid = '5b1c'
const objectsIn = (yaml: string): readonly KubeObject[] =>
  parseAllDocuments(yaml).map(document => {
    const object = document.toJS() as KubeObject
    return { ...object, metadata: { ...object.metadata, namespace: 'shop' } }
  })
const written = objectsIn(rolloutObjects).find(({ kind }) => kind === 'Rollout') as KubeObject & {
  spec: object
}
const rollout = (status: object, spec: object = {}): KubeObject =>
  ({
    ...written,
    metadata: { ...written.metadata, uid },
    spec: { ...written.spec, ...spec },
    status,
  }) as KubeObject
const parts = [1, 2, 3].flatMap(revision => objectsIn(replicaSet(revision, `${revision}`, uid)))

interface Asked extends Partial<OrderWords> {
  readonly around?: readonly KubeObject[]
}
const driven = (
  order: ControllerOrder,
  object: KubeObject,
  { around = [], ...words }: Asked = {},
): DrivenRollout =>
  drive(snapshot([object, ...around]), object, { order, parts, named: 'checkout -n shop', ...words })

const orderOf = (line: string): ControllerOrder => {
  const [verb, , last] = line.split(' ')
  return verb === 'promote' ? (last === '--step' ? 'step' : 'full') : (verb as ControllerOrder)
}
const fieldsOf = (object: KubeObject | undefined, part: string): Readonly<Record<string, unknown>> =>
  Reflect.get(object ?? {}, part) as Readonly<Record<string, unknown>>

describe('an order to a Rollout', () => {
  for (const { what, line, status, spec, patches } of rolloutOrders)
    test(`sends for ${what} what its own command line sends, and is what the patches make of it`, () => {
      const { changes } = driven(orderOf(line), rollout(status, spec))
      assert.deepEqual(
        changes.map(({ patch }) => ({
          at: `rollouts/checkout${patch?.subresource === undefined ? '' : `/${patch.subresource}`}`,
          type: patch?.type,
          body: patch?.body,
        })),
        patches,
      )
      for (const [i, { before, after, patch }] of changes.entries()) {
        assert.equal(before, i === 0 ? before : changes[i - 1]!.after)
        for (const [part, fields] of Object.entries(patch!.body as Record<string, object>))
          for (const [field, value] of Object.entries(fields))
            assert.deepEqual(fieldsOf(after, part)[field], value === null ? undefined : value, field)
      }
      // The controller answers the status at once, so that the second patch can be bound to no version of the object.
      assert.deepEqual(
        changes.map(({ patch }) => patch !== undefined && 'isUnbound' in patch),
        changes.map((_, i) => i > 0),
      )
    })
})

describe('an order that changes nothing of a Rollout', () => {
  const unpaused = { ...inAnalysis, pauseConditions: [] }
  for (const [order, status, spec] of [
    ['step', promoted, {}],
    ['full', promoted, {}],
    ['abort', aborted, {}],
    ['retry', atPause, {}],
    ['pause', atPause, { paused: true }],
    ['resume', inAnalysis, {}],
    ['step', unpaused, { strategy: { blueGreen: { activeService: 'a', previewService: 'b' } } }],
  ] as const)
    test(`${order} writes nothing at ${JSON.stringify(status).slice(0, 60)} ${Object.keys(spec).join()}`, () => {
      assert.deepEqual(driven(order, rollout(status, spec)).changes, [])
    })

  test('resume says how it goes on where the Rollout waits at a pause of its own', () => {
    const note =
      'Rollout shop/checkout waits at a pause of its own. To continue: kubectl canary promote checkout -n shop --step'
    assert.deepEqual(driven('resume', rollout(atPause)).notes, [note])
    assert.deepEqual(driven('resume', rollout(atPause, { paused: true })).notes, [note])
    assert.deepEqual(driven('resume', rollout(inAnalysis, { paused: true })).notes, [])
  })
})

describe('an order that a Rollout would drop', () => {
  test('is refused: a step of one that is aborted, an abort of one that is promoted', () => {
    assert.throws(() => driven('step', rollout(aborted)), {
      code: 'refused',
      hints: [
        'To roll the version out again: kubectl canary retry checkout -n shop',
        'To send everything to it at once: kubectl canary promote checkout -n shop --full',
      ],
    })
    assert.throws(() => driven('abort', rollout(promoted)), {
      code: 'refused',
      hints: ['To go back to the version before: kubectl canary undo checkout -n shop'],
    })
  })
})

const templateOf = (revision: number): object => ({
  metadata: { labels: { app: 'checkout', version: `v${revision}` } },
  spec: { containers: [{ name: 'server', image: `registry.example.com/checkout:${revision}` }] },
})
const patchOf = ({ changes }: DrivenRollout): unknown => changes.map(({ patch }) => patch)
const replacing = (revision: number): unknown => [
  { type: 'json', body: [{ op: 'replace', path: '/spec/template', value: templateOf(revision) }] },
]

describe('an undo of a Rollout', () => {
  test('brings the pod template of the revision before back, or of the one that is named, without the hash', () => {
    const back = driven('undo', rollout(promoted))
    assert.deepEqual(patchOf(back), replacing(2))
    assert.deepEqual(fieldsOf(back.changes[0]!.after, 'spec')['template'], templateOf(2))
    assert.deepEqual(patchOf(driven('undo', rollout(promoted), { toRevision: 1 })), replacing(1))
  })

  test('writes nothing where the template is that one already', () => {
    assert.deepEqual(driven('undo', rollout(promoted), { toRevision: 3 }).changes, [])
    assert.deepEqual(driven('undo', rollout(promoted, { template: templateOf(2) })).changes, [])
  })
})

describe('an undo of a Rollout that cannot be', () => {
  test('is an error for a revision without a ReplicaSet of its own, with those that there are', () => {
    assert.throws(() => driven('undo', rollout(promoted), { toRevision: 9 }), {
      code: 'not-found',
      message: 'Rollout shop/checkout has no revision 9',
      hints: ['It has 3, 2, 1.'],
    })
    const others = parts.map(part => ({
      ...part,
      metadata: {
        ...part.metadata,
        ownerReferences: [{ ...part.metadata.ownerReferences![0]!, uid: 'other' }],
      },
    }))
    assert.throws(() => driven('undo', rollout(promoted), { parts: others }), {
      code: 'not-found',
      message: 'Rollout shop/checkout has no revision before the newest one',
      hints: ['It has no ReplicaSet with a revision.'],
    })
  })
})

describe('an undo of a Rollout without a pod template', () => {
  test('changes the Deployment that holds the template, and no other kind', () => {
    const reference = (kind: string, name = 'checkout'): object => ({
      template: undefined,
      workloadRef: { apiVersion: 'apps/v1', kind, name },
    })
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'checkout', namespace: 'shop' },
      spec: { replicas: 0, template: templateOf(3) },
    } as KubeObject
    const { changes } = driven('undo', rollout(promoted, reference('Deployment')), { around: [deployment] })
    assert.equal(changes[0]!.before, deployment)
    assert.deepEqual(fieldsOf(changes[0]!.after, 'spec'), { replicas: 0, template: templateOf(2) })
    for (const [kind, name, message] of [
      ['Deployment', 'gone', /Deployment gone, which is not there$/],
      ['StatefulSet', 'checkout', /StatefulSet checkout, which is not changed by kubectl canary$/],
    ] as const)
      assert.throws(
        () => driven('undo', rollout(promoted, reference(kind, name)), { around: [deployment] }),
        {
          code: 'refused',
          message,
        },
      )
  })
})
