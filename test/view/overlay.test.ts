import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../properties.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import type { Change } from '../../shared/view/change.ts'
import type { ClusterView, Index } from '../../shared/view/cluster-view.ts'
import { overlay } from '../../shared/view/overlay.ts'
import { snapshot } from '../../shared/view/snapshot.ts'

/** Services by the teams that their label names, several to one. */
const byTeam: Index<'Service'> = {
  kind: 'Service',
  keysOf: ({ metadata }) => (metadata.labels?.['teams'] ?? '').split('.').filter(team => team !== ''),
}
const service = (name: string, teams: string, namespace = 'shop'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels: { teams } },
})
const namesUnder = (view: ClusterView, team: string): readonly string[] =>
  view.find(byTeam, team).map(({ metadata }) => metadata.name)

describe('an overlay', () => {
  const [a, b] = [service('a', 'red'), service('b', 'red')]

  it('finds an updated object under its new keys and no longer under its old ones', () => {
    const view = overlay(snapshot([a, b]), [{ before: a, after: service('a', 'blue') }])
    assert.deepEqual([namesUnder(view, 'red'), namesUnder(view, 'blue')], [['b'], ['a']])
  })

  it('finds it under the keys that it keeps, in its place, as it is now', () => {
    const after = service('a', 'red.blue')
    const view = overlay(snapshot([a, b]), [{ before: a, after }])
    assert.deepEqual([namesUnder(view, 'red'), namesUnder(view, 'blue')], [['a', 'b'], ['a']])
    assert.equal(view.find(byTeam, 'red')[0], after)
  })

  it('finds it by the keys of the last of several changes', () => {
    const [once, twice] = [service('a', 'blue'), service('a', 'green')]
    const both = overlay(snapshot([a, b]), [
      { before: a, after: once },
      { before: once, after: twice },
    ])
    const nested = overlay(overlay(snapshot([a, b]), [{ before: a, after: once }]), [
      { before: once, after: twice },
    ])
    for (const view of [both, nested])
      assert.deepEqual(
        ['red', 'blue', 'green'].map(team => namesUnder(view, team)),
        [['b'], [], ['a']],
      )
  })

  it('leaves the view below as it is', () => {
    const view = snapshot([a, b])
    overlay(view, [{ before: a, after: service('a', 'blue') }, { before: b }]).find(byTeam, 'blue')
    assert.deepEqual([namesUnder(view, 'red'), namesUnder(view, 'blue')], [['a', 'b'], []])
  })
})

const teams = fc.constantFrom('', 'red', 'blue', 'red.blue', 'green.red')
const object = fc
  .tuple(fc.constantFrom('a', 'b', 'c', 'd'), teams, fc.constantFrom('shop', 'other'))
  .map(([name, labelled, namespace]) => service(name, labelled, namespace))
const objects = fc.uniqueArray(object, { selector: each => keyOf(refOf(each)) })

/** What somebody does next: the object is written, or taken away. */
const step = fc.tuple(object, fc.boolean())

it('an overlay answers as a view of the objects that the changes leave', () => {
  const keysOf = (found: readonly KubeObject[]): readonly string[] =>
    found.map(each => `${keyOf(refOf(each))} ${each.metadata.labels?.['teams']}`).toSorted()
  fc.assert(
    fc.property(objects, fc.array(step, { maxLength: 5 }), fc.boolean(), (before, steps, isNested) => {
      const now = new Map(before.map(each => [keyOf(refOf(each)), each]))
      const changes: Change[] = steps.flatMap(([each, isWritten]) => {
        const key = keyOf(refOf(each))
        const known = now.get(key)
        if (!isWritten && known === undefined) return []
        if (isWritten) now.set(key, each)
        else now.delete(key)
        return [{ before: known, ...(isWritten && { after: each }) }]
      })
      const below = snapshot(before)
      for (const team of ['red', 'blue']) below.find(byTeam, team)
      const view = isNested
        ? changes.reduce<ClusterView>((under, change) => overlay(under, [change]), below)
        : overlay(below, changes)
      const expected = [...now.values()]
      for (const team of ['red', 'blue', 'green', 'none'])
        assert.deepEqual(
          keysOf(view.find(byTeam, team)),
          keysOf(expected.filter(each => byTeam.keysOf(each as never, view.mesh).includes(team))),
        )
      assert.deepEqual(keysOf(view.list('Service')), keysOf(expected))
      assert.deepEqual(
        keysOf(view.list('Service', 'shop')),
        keysOf(expected.filter(each => namespaceOf(each) === 'shop')),
      )
      for (const each of [...before, ...expected])
        assert.equal(view.get(refOf(each)), now.get(keyOf(refOf(each))))
    }),
  )
})
