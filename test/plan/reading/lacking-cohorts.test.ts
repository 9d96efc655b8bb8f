import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { RouteChoice } from '../../../shared/routing/wanted.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import { apply, cohortIntent } from '../intents.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const mesh = (name: string, host: string, http = to('v1')): string =>
  route(`shop/${name}`, `{hosts: [${host}], http: [${http}]}`)
const start = (...routes: readonly string[]): ClusterView => snapshot(objects(...shop, ...routes))

interface Setting {
  readonly choice?: RouteChoice
  readonly conditions?: readonly Condition[]
}
/** The places without the cohort internal, which was set before other VirtualServices came. */
function lacking(view: ClusterView, later: readonly string[], setting: Setting = {}): readonly string[] {
  const set = apply(view, planCohort(view, cohortIntent('internal', 'v2', { target, ...setting })))
  const added = objects(...shop, ...later)
  const names = new Set(added.map(({ kind, metadata }) => `${kind} ${metadata.name}`))
  const kept = [...set.list('VirtualService')].filter(
    ({ metadata }) => !names.has(`VirtualService ${metadata.name}`),
  )
  const traffic = readTraffic(snapshot([...added, ...kept]), target)[0]!
  return traffic.notes.flatMap(note => (note.kind === 'cohort-lacks-routes' ? note.places : []))
}

describe('a VirtualService that comes after a cohort', () => {
  it('is one that lacks it', () => {
    const other = mesh('other', 'other.example.com')
    assert.deepEqual(lacking(start(mesh('catalog', 'catalog')), [other]), ['VirtualService shop/other'])
  })
  it('lacks nothing where a person chose the routes of the canary', () => {
    const other = mesh('other', 'other.example.com')
    const items = `{name: items, match: [{uri: {prefix: /items}}], ${to('v1').slice(1)}`
    const view = start(mesh('catalog', 'catalog', `${items}, ${to('v1')}`))
    assert.deepEqual(lacking(view, [other], { choice: { routes: ['items'], objects: [] } }), [])
  })
  it('lacks nothing at a gateway, of a cohort of callers with a label', () => {
    const front = route('shop/front', `{hosts: [front.example.com], gateways: [gw], http: [${to('v1')}]}`)
    const conditions: readonly Condition[] = [{ on: 'source-label', name: 'app', value: 'till' }]
    assert.deepEqual(lacking(start(mesh('catalog', 'catalog')), [front], { conditions }), [])
  })
})

describe('a route that comes after a cohort', () => {
  const blocks = (...texts: readonly string[]): string =>
    mesh('catalog', 'catalog', `{match: [${texts.join(', ')}], ${to('v1').slice(1)}, ${to('v1')}`)
  const uncovered = (http: string): readonly string[] => {
    const view = start(mesh('catalog', 'catalog'))
    const set = apply(view, planCohort(view, cohortIntent('internal', 'v2', { target })))
    const [before] = set.list('VirtualService')
    const [edited] = snapshot(objects(http)).list('VirtualService')
    const after = {
      ...before!,
      spec: { ...before!.spec, http: [edited!.spec.http![0]!, ...before!.spec.http!] },
    }
    const traffic = readTraffic(snapshot([...objects(...shop), after]), target)[0]!
    return traffic.entryPoints.flatMap(({ cohorts }) => cohorts.flatMap(each => each.uncovered))
  }
  const other = '{headers: {x-istio-cohort: {exact: other}}}'
  it('lacks it where some request of the cohort meets one of its blocks', () => {
    assert.deepEqual(uncovered(blocks(other, '{uri: {prefix: /items}}')), [
      'VirtualService shop/catalog spec.http[0]',
    ])
  })
  it('lacks nothing where none does', () => {
    assert.deepEqual(uncovered(blocks(other)), [])
  })
  it('has the whole cohort without a block that no request of the cohort meets', () => {
    const view = start(blocks(other, '{uri: {prefix: /items}}'))
    const set = apply(view, planCohort(view, cohortIntent('internal', 'v2', { target })))
    const { entryPoints } = readTraffic(set, target)[0]!
    const found = entryPoints.flatMap(({ cohorts }) => cohorts)
    assert.deepEqual(
      found.map(({ name, uncovered }) => [name, uncovered]),
      [['internal', []]],
    )
  })
})
