import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import {
  abortEdit,
  backendsIn,
  cohortEdit,
  cohortEnd,
  edited,
  mirrorEdit,
  promoteEdit,
  refusalOf,
  routeIn,
  rulesIn,
  viewOf,
  weightEdit,
} from './edits.ts'
import { at, whole, withHeader } from './rules.ts'
import { catalogRoute, to } from './shop.ts'
import { route } from '../../providers/gateway-api/written-objects.ts'

const { backendRefs: v1 } = whole
const halved = [to('catalog-v1', 50), to('catalog-v2', 50)]
const byHeader = withHeader('x-beta', '1')
const threeRules = catalogRoute([at('/items'), at('/', { name: 'all' }), byHeader])
const toItems = { choice: { routes: ['/items'], objects: [] } }
const halvedAt = (view: ClusterView): readonly number[] =>
  backendsIn(view).flatMap((backends, i) => (JSON.stringify(backends) === JSON.stringify(halved) ? [i] : []))
const halves = (routes: readonly string[], objects: readonly string[] = []) =>
  weightEdit(50, { choice: { routes, objects } })

describe('the rules that a person names', () => {
  it('are found by their path, name, place, or what they take', () => {
    for (const [word, index] of [
      ['/items', 0],
      ['all', 1],
      ['/', 1],
      ['rules[2]', 2],
      ['x-beta: 1', 2],
    ] as const)
      assert.deepEqual(halvedAt(edited(viewOf(threeRules), halves([word]))), [index], word)
    assert.deepEqual(halvedAt(edited(viewOf(threeRules), halves(['/items', 'all']))), [0, 1])
  })
  it('are those of a route by its name, with or without its namespace', () => {
    const view = viewOf(threeRules, route('shop/other', { rules: [at('/other')] }))
    for (const word of ['catalog', 'shop/catalog']) {
      const later = edited(view, halves([], [word]))
      assert.equal(halves([], [word])(view).changes.length, 1)
      assert.deepEqual(halvedAt(later), [0, 1, 2])
      assert.deepEqual(later.get({ kind: 'HTTPRoute', namespace: 'shop', name: 'other' })?.spec?.rules, [
        at('/other'),
      ])
    }
    assert.deepEqual(halvedAt(edited(view, halves(['/items'], ['catalog', 'other']))), [0])
  })
  it('are named behind their route where rules of several routes have one word', () => {
    const view = viewOf(catalogRoute([whole]), route('shop/other', { rules: [whole] }))
    const error = refusalOf(view, halves(['/nowhere']))
    assert.match(error.hints.join(), /: catalog\/rules\[0\] \(.*\), other\/rules\[0\] \(/)
    const later = edited(view, halves(['catalog/rules[0]']))
    assert.deepEqual(halvedAt(later), [0])
    assert.deepEqual(later.get({ kind: 'HTTPRoute', namespace: 'shop', name: 'other' })?.spec?.rules, [whole])
  })
  it('are refused where no rule is called so, with those that there are', () => {
    const view = viewOf(threeRules, route('shop/other', { rules: [at('/other')] }))
    const error = refusalOf(view, halves(['/nowhere']))
    assert.equal(error.code, 'not-found')
    assert.match(error.message, /no route to the Service is called \/nowhere/)
    assert.match(error.hints.join(), /\/items \(shop\/catalog spec\.rules\[0\]\), all .*, \/other /)
    assert.match(refusalOf(view, halves(['/items'], ['nothing'])).message, /called nothing/)
    assert.equal(refusalOf(viewOf(catalogRoute([at('/items'), whole])), halves([''])).code, 'not-found')
    const withCohort = edited(view, cohortEdit('internal'))
    assert.equal(refusalOf(withCohort, halves(['rules[3]'])).code, 'not-found')
    const within = refusalOf(view, halves(['/other'], ['catalog']))
    assert.match(within.message, /called \/other/)
    assert.doesNotMatch(within.hints.join(), /shop\/other/)
  })
})

describe('a canary on some rules', () => {
  const begun = edited(viewOf(threeRules), weightEdit(50, toItems))
  it('stays on them where none are named later', () => {
    const later = edited(begun, weightEdit(20))
    assert.deepEqual(backendsIn(later), [[to('catalog-v1', 80), to('catalog-v2', 20)], v1, v1])
    assert.deepEqual(
      rulesIn(edited(begun, cohortEdit('internal'))).map(({ matches }) => matches?.[0]?.headers?.[0]?.name),
      [undefined, undefined, 'x-beta', 'x-istio-cohort'],
    )
  })
  it('by a cohort leaves the others at the pods of all versions', () => {
    const toAll = { ...byHeader, backendRefs: [to('catalog')] }
    const view = viewOf(catalogRoute([at('/items'), toAll]))
    assert.deepEqual(rulesIn(edited(view, cohortEdit('internal', { ...toItems, stable: 'v1' })))[1], toAll)
  })
  it('writes no stable version down at a route where it can have no cohort', () => {
    const twice = [at('/other'), at('/other', { name: 'again' })]
    const other = route('shop/other', { rules: twice, hostnames: ['other.example.com'] })
    const choice = { routes: ['/items', 'again'], objects: [] }
    const later = edited(viewOf(threeRules, other), cohortEdit('internal', { choice }))
    const stable = 'kubectl-canary/stable'
    assert.equal(routeIn(later).metadata.annotations?.[stable], 'v1')
    const { metadata } = later.get({ kind: 'HTTPRoute', namespace: 'shop', name: 'other' })!
    assert.equal(metadata.annotations?.[stable], undefined)
  })
  it('mirrors at them alone', () => {
    const later = edited(viewOf(threeRules), mirrorEdit(100, toItems))
    assert.deepEqual(
      rulesIn(later).map(({ filters = [] }) => filters.length),
      [1, 0, 0],
    )
    assert.deepEqual(
      rulesIn(edited(later, mirrorEdit(10))).map(({ filters = [] }) => filters.length),
      [1, 0, 0],
    )
  })
  it('cannot be set on others', () => {
    assert.equal(refusalOf(begun, halves(['/items', 'all'])).code, 'usage')
    const error = refusalOf(begun, halves(['all']))
    assert.equal(error.code, 'usage')
    assert.match(error.message, /canary of catalog is on other routes: \/items$/)
  })
  it('ends with an abort, or with its only cohort, and is no longer on some only', () => {
    assert.deepEqual(routeIn(edited(begun, abortEdit)), threeRules)
    const cohorts = edited(viewOf(threeRules), cohortEdit('internal', toItems))
    assert.equal(rulesIn(cohorts).length, 4)
    assert.deepEqual(routeIn(edited(cohorts, cohortEnd('internal'))), threeRules)
    assert.deepEqual(halvedAt(edited(begun, abortEdit, weightEdit(50))), [0, 1, 2])
  })
})

describe('a version that takes everything at some rules', () => {
  it('leaves nothing written down', () => {
    const later = edited(viewOf(threeRules), promoteEdit('v2', toItems))
    assert.deepEqual(backendsIn(later), [[to('catalog-v2')], v1, v1])
    assert.equal(routeIn(later).metadata.annotations, undefined)
  })
})

describe('a canary on all rules', () => {
  const begun = edited(viewOf(threeRules), weightEdit(50))
  it('has no cohort or mirror on some of them', () => {
    for (const [edit, what] of [
      [cohortEdit('internal', toItems), 'cohort'],
      [mirrorEdit(10, toItems), 'mirror'],
    ] as const) {
      const error = refusalOf(begun, edit)
      assert.equal(error.code, 'usage')
      assert.match(error.message, new RegExp(`on all its routes, so a ${what} cannot be on some only`))
    }
  })
  it('is on a route that is made later, too', () => {
    const other = route('shop/other', { rules: [at('/other')], hostnames: ['other.example.com'] })
    const later = edited(
      viewOf(routeIn(begun), other),
      weightEdit(20, { choice: { routes: [], objects: ['catalog'] } }),
    )
    const { spec } = edited(later, weightEdit(30)).get({
      kind: 'HTTPRoute',
      namespace: 'shop',
      name: 'other',
    })!
    assert.deepEqual(spec?.rules?.[0]?.backendRefs, [to('catalog-v1', 70), to('catalog-v2', 30)])
  })
  it('may have other shares at some of them, and stays on all', () => {
    const later = edited(begun, weightEdit(20, toItems), weightEdit(30))
    assert.deepEqual(backendsIn(later)[1], [to('catalog-v1', 70), to('catalog-v2', 30)])
  })
})

describe('what is recorded of another service on the route', () => {
  it('stays with a canary on some rules, with one on all, and after both', () => {
    const began = routeIn(edited(viewOf(threeRules), weightEdit(50, toItems), mirrorEdit(10)))
    const annotations = Object.fromEntries(
      Object.entries(began.metadata.annotations ?? {}).flatMap(([key, text]) =>
        text.startsWith('{') ? [[key, text.replaceAll('catalog.shop', 'orders.shop')]] : [],
      ),
    )
    const { restore: others } = recordIn(annotations)
    assert.deepEqual(Object.keys(others).toSorted(), ['backends', 'mirrors', 'only'])
    assert.equal(Object.keys(annotations).length, 1)
    const given = { ...threeRules, metadata: { ...threeRules.metadata, annotations } }
    for (const edit of [weightEdit(50, toItems), weightEdit(50), cohortEdit('internal'), mirrorEdit(10)]) {
      const later = edited(viewOf(given), edit)
      const { restore } = recordIn(routeIn(later).metadata.annotations)
      for (const [part, of] of Object.entries(others))
        for (const [service, what] of Object.entries(of))
          assert.deepEqual(restore[part]?.[service], what, `${part} of ${service}`)
      assert.deepEqual(recordIn(routeIn(edited(later, abortEdit)).metadata.annotations).restore, others)
    }
  })
})

interface Recorded {
  readonly restore: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}
const recordIn = (annotations: Readonly<Record<string, string>> = {}): Recorded =>
  JSON.parse(Object.values(annotations).find(text => text.startsWith('{'))!) as Recorded
