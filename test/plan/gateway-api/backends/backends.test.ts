import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BackendRef } from '../../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { grant, route, service } from '../../../providers/gateway-api/written-objects.ts'
import {
  abortEdit,
  backendsIn,
  cohortEdit,
  edited,
  mirrorEdit,
  type Edit,
  promoteEdit,
  refusalOf,
  routeIn,
  viewOf,
  weightEdit,
} from '../edits.ts'
import { whole, withHeader } from '../rules.ts'
import { around, catalogRoute, to } from '../shop.ts'

type Ports = readonly object[]
/** The shop whose versions have Services with these ports. */
const withPorts = (
  ports: { readonly v1: Ports; readonly v2: Ports },
  rules: readonly object[],
): ClusterView =>
  snapshot([
    ...around.map((object): KubeObject => {
      const own = object.kind === 'Service' && /^catalog-(v\d)$/.exec(object.metadata.name)
      if (!own) return object
      const spec = Reflect.get(object, 'spec') as object
      return { ...object, spec: { ...spec, ports: ports[own[1] as 'v1' | 'v2'] } } as KubeObject
    }),
    catalogRoute(rules),
  ])
const backend = (name: string, port: number, more: object = {}): object => ({ name, port, ...more })
const http = (port: number, name = 'http'): object => ({ name, port })

describe('the port of a backend that a split adds', () => {
  const portOfV2 = (v1: Ports, v2: Ports): unknown => {
    const view = withPorts({ v1, v2 }, [{ backendRefs: [backend('catalog-v1', 80)] }])
    return (backendsIn(edited(view, weightEdit(10)))[0] as readonly { readonly port: unknown }[])[1]?.port
  }
  it('is the same number, else that of the same name, else the only one', () => {
    assert.equal(portOfV2([http(80)], [http(81, 'admin'), http(80, 'web')]), 80)
    assert.equal(portOfV2([http(80)], [http(81, 'admin'), http(8080)]), 8080)
    assert.equal(portOfV2([http(80)], [http(9090, 'other')]), 9090)
    assert.equal(portOfV2([{ port: 80 }], [{ port: 9090 }]), 9090)
  })
  it('is refused where the Service has none', () => {
    const view = withPorts({ v1: [http(80)], v2: [] }, [{ backendRefs: [backend('catalog-v1', 80)] }])
    assert.match(refusalOf(view, weightEdit(10)).message, /version v2 .* answered with 500 \(unknown-port\)/)
  })
  it('is refused where several could be meant', () => {
    const v2 = [http(81, 'admin'), http(82, 'web')]
    for (const v1 of [[http(80)], [{ port: 80 }]]) {
      const view = withPorts({ v1, v2 }, [{ backendRefs: [backend('catalog-v1', 80)] }])
      const error = refusalOf(view, weightEdit(10))
      assert.match(
        error.message,
        /Service catalog-v2 has no port 80, which HTTPRoute shop\/catalog spec\.rules\[0\]/,
      )
      assert.deepEqual(error.hints, [
        'Give it the ports of the other versions: kubectl edit service catalog-v2 -n shop',
      ])
    }
  })
})

describe('the backends of a split', () => {
  const filters = [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['x-debug'] } }]
  it('keep their fields and their order, and a new one has those of the first', () => {
    const own = { ...to('catalog-v1'), filters }
    const view = viewOf(catalogRoute([{ backendRefs: [own] }]))
    const later = edited(view, weightEdit(10))
    assert.deepEqual(backendsIn(later), [
      [
        { ...own, weight: 90 },
        { ...to('catalog-v2', 10), filters },
      ],
    ])
    assert.deepEqual(routeIn(edited(later, abortEdit)), catalogRoute([{ backendRefs: [own] }]))
    const turned = viewOf(catalogRoute([{ backendRefs: [to('catalog-v2', 0), { ...own, weight: 1 }] }]))
    assert.deepEqual(backendsIn(edited(turned, weightEdit(10))), [
      [to('catalog-v2', 10), { ...own, weight: 90 }],
    ])
  })
  it('are written down only where the split changes them', () => {
    const split = [to('catalog-v1', 90), to('catalog-v2', 10)]
    const items = { matches: [{ path: { value: '/items' } }], backendRefs: split }
    const view = viewOf(catalogRoute([items, { backendRefs: [to('catalog-v1')] }]))
    const later = edited(view, weightEdit(10, { stable: 'v1' }))
    const { annotations = {} } = routeIn(later).metadata
    const record = Object.values(annotations).find(text => text.startsWith('{'))!
    const { restore } = JSON.parse(record) as { readonly restore: { readonly backends: object } }
    assert.deepEqual(
      Object.values(restore.backends).map(byKey => Object.values(byKey as object)),
      [[[to('catalog-v1')]]],
    )
  })
})

describe('a split of an HTTPRoute', () => {
  it('needs no Service for a version that gets nothing', () => {
    const without = around.filter(
      ({ kind, metadata: { name } }) => kind !== 'Service' || name !== 'catalog-v2',
    )
    const view = snapshot([...without, catalogRoute([{ backendRefs: [to('catalog-v1')] }])])
    const isMade = (edit: Edit): boolean => edit(view).changes.some(({ after }) => after?.kind === 'Service')
    assert.equal(isMade(weightEdit(0)), false)
    for (const edit of [weightEdit(1), mirrorEdit(1), cohortEdit('a')]) assert.equal(isMade(edit), true)
  })
  it('gives back an empty map of annotations', () => {
    const bare = catalogRoute([{ backendRefs: [to('catalog-v1')] }])
    const given = { ...bare, metadata: { ...bare.metadata, annotations: {} } }
    assert.deepEqual(routeIn(edited(viewOf(given), weightEdit(10), weightEdit(20), abortEdit)), given)
  })
  it('is set in a route that is larger than the API allows', () => {
    const matches = Array.from({ length: 70 }, (_, i) => ({ path: { type: 'Exact', value: `/p${i}` } }))
    const view = viewOf(catalogRoute([{ matches, backendRefs: [to('catalog-v1')] }]))
    assert.equal(weightEdit(10)(view).changes.length, 1)
    assert.match(refusalOf(view, cohortEdit('a')).message, /would have 70 matches in one rule, .* allows 64/)
  })
  it('makes one of backends that are written twice', () => {
    const view = viewOf(catalogRoute([{ backendRefs: [to('catalog-v1', 1), to('catalog-v1', 2)] }]))
    assert.deepEqual(backendsIn(edited(view, weightEdit(10))), [[to('catalog-v1', 90), to('catalog-v2', 10)]])
  })
  it('names the namespace of the Services where the route is in another one', () => {
    const away = route('web/catalog', {
      rules: [{ backendRefs: [{ ...to('catalog-v1'), namespace: 'shop' }] }],
    })
    const view = viewOf(away, grant('web', 'shop'), service('web/orders'))
    const later = edited(view, weightEdit(10))
    assert.deepEqual(later.get({ kind: 'HTTPRoute', namespace: 'web', name: 'catalog' })?.spec?.rules, [
      {
        backendRefs: [
          { ...to('catalog-v1', 90), namespace: 'shop' },
          { ...to('catalog-v2', 10), namespace: 'shop' },
        ],
      },
    ])
  })
})

describe('a version that takes everything', () => {
  const turned = (backendRefs: readonly object[], ...edits: Parameters<typeof edited>[1][]): unknown =>
    backendsIn(edited(viewOf(catalogRoute([{ backendRefs }])), ...edits))[0]
  it('has no weight where it had none, and 100 where it shared the requests before', () => {
    assert.deepEqual(turned([to('catalog-v1')], weightEdit(10), promoteEdit()), [to('catalog-v2')])
    const halves = [to('catalog-v1', 50), to('catalog-v2', 50)]
    assert.deepEqual(turned(halves, promoteEdit()), [to('catalog-v2', 100)])
    assert.deepEqual(turned(halves, weightEdit(10, { stable: 'v1' }), promoteEdit()), [to('catalog-v2', 100)])
  })
  it('has the weight that it had where it was alone, or the others had nothing', () => {
    for (const before of [
      [to('catalog-v1', 1)],
      [to('catalog-v1', 100), to('catalog-v2', 0)],
      [to('catalog-v2', 0), to('catalog-v1', 7)],
    ])
      for (const edits of [
        [weightEdit(10)],
        [weightEdit(10), weightEdit(20)],
        [cohortEdit('a'), weightEdit(20)],
      ])
        assert.deepEqual(turned(before, ...edits, abortEdit), before)
  })
  it('is left alone by a split that goes on, without those that had nothing before', () => {
    const before = [to('catalog-v1', 100), to('catalog-v2', 0)]
    assert.deepEqual(turned(before, weightEdit(10), weightEdit(0)), [to('catalog-v1', 100)])
    assert.deepEqual(turned(before, weightEdit(10), weightEdit(0), abortEdit), before)
    const uneven = [to('catalog-v1', 7), to('catalog-v2', 0)]
    assert.deepEqual(turned(uneven, weightEdit(10), weightEdit(0)), [to('catalog-v1', 7)])
  })
  it('has a weight where its own was 0', () => {
    const none = [to('catalog-v1', 0)]
    assert.deepEqual(turned(none, weightEdit(0, { stable: 'v1' })), [to('catalog-v1', 100)])
  })
  it('had not everything before where nothing or something else had it', () => {
    const none = [to('catalog-v1', 0), to('catalog-v2', 0)]
    assert.deepEqual(turned(none, weightEdit(10, { stable: 'v1' }), abortEdit), [to('catalog-v1', 100)])
    assert.deepEqual(turned([to('catalog-v1')], weightEdit(10), promoteEdit('v1')), [to('catalog-v1')])
    const other = [to('catalog-v1', 0), to('catalog-v2', 5)]
    assert.deepEqual(turned(other, weightEdit(10, { stable: 'v1' }), abortEdit), [to('catalog-v1', 100)])
  })
})

describe('a rule that singles out senders', () => {
  const beta = (...backendRefs: readonly object[]): object => withHeader('x-beta', '1', { backendRefs })
  const weighed = weightEdit(10)
  const split = [to('catalog-v1', 90), to('catalog-v2', 10)]
  it('for another version than stable is left as it is by a split, which says so', () => {
    for (const own of [[to('catalog-v2')], [to('catalog-v1', 0), to('catalog-v2', 1)]]) {
      const view = viewOf(catalogRoute([beta(...own), whole]))
      const { notes } = weighed(view)
      assert.deepEqual(
        notes.flatMap(note => (note.kind === 'route-unchanged' ? [note.place] : [])),
        ['spec.rules[0]'],
      )
      assert.deepEqual(backendsIn(edited(view, weighed)), [own, split])
    }
  })
  it('is turned where stable or the pods of all versions get some of its requests', () => {
    for (const own of [[to('catalog-v2', 9), to('catalog-v1', 1)], [to('catalog')]]) {
      const view = viewOf(catalogRoute([beta(...own), whole]))
      const [turned] = backendsIn(edited(view, weightEdit(10, { stable: 'v1' })))
      assert.deepEqual(
        new Map((turned as readonly BackendRef[]).map(({ name, weight }) => [name, weight])),
        new Map([
          ['catalog-v1', 90],
          ['catalog-v2', 10],
        ]),
      )
    }
  })
  it('and was turned by the canary goes on with it', () => {
    const view = viewOf(catalogRoute([beta(to('catalog-v1')), whole]))
    const turned = edited(view, weightEdit(100), weightEdit(30))
    const shares = [to('catalog-v1', 70), to('catalog-v2', 30)]
    assert.deepEqual(
      backendsIn(turned).map(backends => new Set(backends as readonly object[])),
      [new Set(shares), new Set(shares)],
    )
  })
})
