import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { namespaceOf } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { virtualServicesByHost } from '../../shared/providers/istio/resolve/indexes/routing.ts'
import { servicesBySelector } from '../../shared/providers/istio/resolve/indexes/providers.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { TracedView } from '../../shared/view/traced.ts'
import { fc } from '../properties.ts'
import { worldAndChanges } from '../rules/worlds.ts'

describe('a view that notes what it is asked', () => {
  it('knows of every change that alters an answer, and of no change of what was not asked for', () => {
    let untouched = 0
    fc.assert(
      fc.property(worldAndChanges, ({ objects, changes }) => {
        const view = snapshot(objects)
        const questions = [...objects, ...changes.flatMap(({ after }) => after ?? [])].flatMap(object => {
          const ref = refOf(object)
          return [
            (asked: ClusterView) => [asked.get(ref)],
            (asked: ClusterView) => asked.list(ref.kind),
            (asked: ClusterView) => asked.list(ref.kind, namespaceOf(object)),
            (asked: ClusterView) => asked.find(virtualServicesByHost, 'x.a.svc.cluster.local'),
            (asked: ClusterView) => asked.find(servicesBySelector, `${namespaceOf(object)}/app=x`),
          ]
        })
        for (const question of questions) {
          const asked = new TracedView(view)
          const answer = question(asked)
          for (const change of changes) {
            if (asked.isAlteredBy(change)) continue
            untouched++
            assert.deepEqual(question(overlay(view, [change])), answer)
          }
        }
      }),
    )
    assert.ok(untouched > 1_000)
  })
})

describe('a view that notes what it is asked, over another one', () => {
  it('knows also of what alters a part that it rests on', () => {
    const view = snapshot([])
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x', namespace: 'a' },
      spec: { selector: { app: 'x' } },
    }
    const part = new TracedView(view)
    part.find(servicesBySelector, 'a/app=x')
    const whole = new TracedView(view)
    assert.equal(whole.isAlteredBy({ after: service }), false)
    whole.include(part)
    assert.equal(whole.isAlteredBy({ after: service }), true)
  })

  it('is current until something in the view changes', () => {
    const view = snapshot([])
    const asked = new TracedView(view)
    assert.ok(asked.isCurrent())
    view.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })
    assert.ok(!asked.isCurrent())
    assert.ok(!new TracedView(overlay(view, [])).isCurrent())
  })
})

const laterService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'x', namespace: 'a' },
  spec: { selector: { app: 'x' } },
}

describe('what a view that notes its questions says later', () => {
  it('knows also of what it was asked after it was asked what alters it', () => {
    const asked = new TracedView(snapshot([]))
    asked.find(servicesBySelector, 'a/app=y')
    assert.equal(asked.isAlteredBy({ after: laterService }), false)
    asked.find(servicesBySelector, 'a/app=x')
    assert.equal(asked.isAlteredBy({ after: laterService }), true)
  })

  it('holds in another one only where every kind of question has the same answer', () => {
    const questions: readonly ((asked: ClusterView) => unknown)[] = [
      asked => asked.get({ kind: 'Service', namespace: 'a', name: 'x' }),
      asked => asked.list('Service'),
      asked => asked.list('Service', 'a'),
      asked => asked.find(servicesBySelector, 'a/app=x'),
    ]
    for (const question of questions) {
      const view = snapshot([])
      const asked = new TracedView(view)
      question(asked)
      assert.equal(
        asked.holdsIn(view, () => false),
        true,
      )
      view.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })
      assert.equal(
        asked.holdsIn(view, () => false),
        true,
        String(question),
      )
      view.put(laterService)
      assert.equal(
        asked.holdsIn(view, () => false),
        false,
        String(question),
      )
    }
  })
})
