import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { deployment } from '../../../shared/providers/deployment/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { later, plainView, replicasIn, service, target, version } from './pods-of.ts'
import { refusal } from './refusal.ts'

const byPods = [deployment]
const onFiles = { ...target, live: false }
const weigh = (view: ClusterView, v2: number, on = target): Plan =>
  planWeight(view, { target: on, weights: new Map([['v2', v2]]), stable: 'v1', force: false }, byPods)
const viewOf = (v1: number, v2: number, ...more: readonly KubeObject[]): ClusterView =>
  plainView([service(), version('v1', v1), version('v2', v2), ...more])
const notesOf = ({ notes }: Plan, kind: string) =>
  notes.filter(note => note.kind === kind) as unknown as readonly Readonly<Record<string, unknown>>[]
const shop = ([apiVersion, kind]: readonly [string, string], name: string, spec: object): KubeObject =>
  ({ apiVersion, kind, metadata: { name, namespace: 'shop' }, spec }) as KubeObject
const autoscaler = (name: string, maxReplicas: number): KubeObject =>
  shop(['autoscaling/v2', 'HorizontalPodAutoscaler'], name, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: maxReplicas,
    maxReplicas,
  })

describe('shares that so many pods cannot express', () => {
  test('are told with the command after which they are exact', () => {
    const view = viewOf(3, 0)
    const plan = weigh(view, 20)
    const [{ fix } = {}] = notesOf(plan, 'share-by-pods')
    const [, name, replicas] = /deployment\/?\s*(\S+).*--replicas=(\d+)/i.exec(String(fix))!
    const after = replicasIn(later(view, plan.changes))
    assert.equal(name, 'hello-v1')
    assert.equal(after['hello-v2']! / (after['hello-v2']! + Number(replicas)), 0.2)
  })

  test('are told without it on files, and where an autoscaler decides how many pods stable has', () => {
    const without = [weigh(viewOf(3, 0), 20, onFiles), weigh(viewOf(3, 0, autoscaler('hello-v1', 2)), 20)]
    for (const plan of without) {
      const [note] = notesOf(plan, 'share-by-pods')
      assert.deepEqual(note && Object.keys(note).toSorted(), ['exact', 'kind', 'pods', 'shares'])
    }
  })
})

describe('a Service whose selector names the version', () => {
  const colours = (v1: number, v2: number): ClusterView =>
    plainView([service({ app: 'hello', version: 'v1' }), version('v1', v1), version('v2', v2)])

  test('gives everything to one version, and refuses shares with a command that does not', () => {
    const view = colours(1, 1)
    const { hints } = refusal(() => weigh(view, 20))
    assert.match(hints[0]!, /kubectl canary weight hello v2=100 -n shop/)
    const after = overlay(view, weigh(view, 100).changes).get({
      kind: 'Service',
      namespace: 'shop',
      name: 'hello',
    })
    assert.deepEqual(after?.spec?.selector, { app: 'hello', version: 'v2' })
  })

  test('asks for as many pods as the other version has, or one, where the version has none on files', () => {
    for (const [v1, asked] of [
      [0, 1],
      [3, 3],
    ] as const)
      assert.match(
        refusal(() => weigh(colours(v1, 0), 100, onFiles)).hints.join('\n'),
        new RegExp(`spec.replicas: ${asked}\\b`),
      )
  })
})

describe('a budget', () => {
  const budget = (spec: object, labels: object = { app: 'hello', version: 'v1' }): KubeObject =>
    shop(['policy/v1', 'PodDisruptionBudget'], 'hello', { selector: { matchLabels: labels }, ...spec })
  /** `weight v2=…` where v1 has ten pods. */
  const under = (of: KubeObject, percent = 20): Plan => weigh(viewOf(10, 0, of), percent)

  test('that asks for more pods than there are is in nobody’s way where no pod goes', () => {
    const plan = under(budget({ minAvailable: 12 }, { app: 'hello' }))
    assert.deepEqual(replicasIn(later(viewOf(10, 0), plan.changes)), { 'hello-v1': 8, 'hello-v2': 2 })
  })

  test('that asks for more than would be left refuses the share, with what would be enough', () => {
    const { code, message, hints } = refusal(() => under(budget({ minAvailable: 9 })))
    assert.equal(code, 'refused')
    assert.match(message, /shop\/hello asks for 9 available pods, and 8 would be left/)
    assert.match(hints.join(), /"minAvailable":8/)
    assert.equal(under(budget({ minAvailable: 8 })).changes.length > 0, true)
  })

  test('is told where it would let no pod be evicted any more, or loses all its pods', () => {
    const kinds = (of: KubeObject, percent?: number): readonly string[] =>
      under(of, percent)
        .notes.map(({ kind }) => kind)
        .filter(kind => kind.startsWith('budget'))
    assert.deepEqual(kinds(budget({ minAvailable: 8 })), ['budget-blocks'])
    assert.deepEqual(kinds(budget({ minAvailable: 8 }), 100), ['budget-empty'])
    for (const spec of [{ minAvailable: 7 }, { minAvailable: '80%' }, { maxUnavailable: 0 }, {}])
      assert.deepEqual(kinds(budget(spec)), [], JSON.stringify(spec))
  })
})

const begun = later(viewOf(10, 0), weigh(viewOf(10, 0), 20).changes)

describe('the end of a canary by pods', () => {
  test('that is promoted gives the version the pods of all', () => {
    const plan = planPromote(begun, { target, version: 'v2', force: false }, byPods)
    assert.deepEqual(replicasIn(later(begun, plan.changes)), { 'hello-v1': 0, 'hello-v2': 10 })
  })

  test('where the version had pods before gives it all when promoted, and stable its own when aborted', () => {
    const shared = later(viewOf(9, 1), weigh(viewOf(9, 1), 20).changes)
    const promoted = planPromote(shared, { target, version: 'v2', force: false }, byPods)
    assert.deepEqual(replicasIn(later(shared, promoted.changes)), { 'hello-v1': 0, 'hello-v2': 10 })
    const aborted = later(shared, planAbort(shared, { target }, byPods).changes)
    assert.equal(replicasIn(aborted)['hello-v1'], 9)
  })

  test('that is aborted leaves the Service as it was', () => {
    const after = later(begun, planAbort(begun, { target }, byPods).changes)
    assert.deepEqual(after.get({ kind: 'Service', namespace: 'shop', name: 'hello' }), service())
    assert.deepEqual(replicasIn(after), { 'hello-v1': 10, 'hello-v2': 0 })
  })
})

describe('an abort by pods beside autoscalers', () => {
  test('that is aborted scales what has no pods, and leaves what an autoscaler keeps at its number', () => {
    const all = later(begun, weigh(begun, 100).changes)
    assert.deepEqual(replicasIn(all), { 'hello-v1': 0, 'hello-v2': 10 })
    const bound = overlay(all, [{ after: autoscaler('hello-v1', 20) }, { after: autoscaler('hello-v2', 20) }])
    const after = later(bound, planAbort(bound, { target }, byPods).changes)
    assert.deepEqual(replicasIn(after), { 'hello-v1': 10, 'hello-v2': 0 })
    const held = overlay(begun, [{ after: autoscaler('hello-v1', 8) }])
    assert.deepEqual(replicasIn(later(held, planAbort(held, { target }, byPods).changes)), {
      'hello-v1': 8,
      'hello-v2': 0,
    })
    const few = later(viewOf(5, 0), weigh(viewOf(5, 0), 80).changes)
    const one = overlay(few, [{ after: autoscaler('hello-v1', 1) }])
    assert.equal(replicasIn(later(one, planAbort(one, { target }, byPods).changes))['hello-v1'], 1)
  })

  test('that is aborted is told where an autoscaler keeps stable below what it had, and only there', () => {
    const held = (maxReplicas: number, view = begun): readonly object[] => {
      const bound = overlay(view, [{ after: autoscaler('hello-v1', maxReplicas) }])
      return notesOf(planAbort(bound, { target }, byPods), 'autoscaler-holds')
    }
    assert.deepEqual(
      held(8).map(note => Reflect.get(note, 'before')),
      [10],
    )
    assert.deepEqual([held(10), held(11)], [[], []])
    assert.deepEqual(notesOf(planAbort(begun, { target }, byPods), 'autoscaler-holds'), [])
  })
})

describe('init of a Service without routes', () => {
  const init = (more: object) =>
    planInit(viewOf(2, 1), { target, stable: 'v1', gateways: [], hosts: [], ...more }, byPods)

  test('changes nothing, and with a preview makes a Service that goes with the promotion', () => {
    assert.deepEqual(init({}).changes, [])
    const shown = later(viewOf(2, 1), init({ preview: { version: 'v2', hosts: [], conditions: [] } }).changes)
    const services = (view: ClusterView) => view.list('Service').map(({ metadata }) => metadata.name)
    assert.deepEqual(services(shown), ['hello', 'hello-preview'])
    const canary = later(shown, weigh(shown, 50).changes)
    assert.deepEqual(services(canary), ['hello', 'hello-preview'])
    const plan = planPromote(canary, { target, version: 'v2', force: false }, byPods)
    assert.deepEqual(services(later(canary, plan.changes)), ['hello'])
  })

  test('is refused for gateways, hosts, the mesh and hosts of a preview', () => {
    for (const more of [
      { gateways: ['infra/gw'] },
      { hosts: ['a.example.com'] },
      { mesh: true },
      { preview: { version: 'v2', hosts: ['b.example.com'], conditions: [] } },
    ])
      assert.match(refusal(() => init(more)).message, /has no routes/, JSON.stringify(more))
  })
})
