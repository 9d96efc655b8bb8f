import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DestinationRule } from '../../../shared/objects/destination-rule.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { catalogService, deployment, istio, objects, route, rule, to } from '../written-worlds.ts'

const target = { service: 'catalog', namespace: 'shop', command: 'weight v2=10' }
const host = 'catalog.shop.svc.cluster.local'
/** The DestinationRules that a split between v1 and v2 creates or extends: `namespace/name`, host, subsets, policy. */
function written(...texts: readonly string[]) {
  const world = [catalogService, deployment('v1'), deployment('v2'), ...texts]
  const mesh = route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)
  const plan = planWeight(
    snapshot(objects(...world, ...(texts.some(text => text.includes('kind: VirtualService')) ? [] : [mesh]))),
    {
      target,
      weights: new Map([['v2', 10]]),
      stable: 'v1',
      force: false,
    },
  )
  return plan.changes
    .flatMap(({ before, after }) =>
      after?.kind === 'DestinationRule'
        ? [{ isNew: before === undefined, rule: after as DestinationRule }]
        : [],
    )
    .map(({ isNew, rule: { metadata, spec } }) => [
      `${isNew ? 'new ' : ''}${metadata.namespace}/${metadata.name}`,
      spec.host,
      spec.subsets!.map(({ name }) => name).join(),
      Reflect.get(spec, 'trafficPolicy') as unknown,
    ])
}
const v1 = '[{name: v1, labels: {version: v1}}]'
const policy = { tls: { mode: 'ISTIO_MUTUAL' } }
const tls = 'trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}'

describe('the missing subset of a version', () => {
  it('goes into the DestinationRule of the Service', () => {
    assert.deepEqual(written(rule('shop/any', `{host: ${host}, ${tls}, subsets: ${v1}}`)), [
      ['shop/any', host, 'v1,v2', policy],
    ])
  })
  it('goes into a rule of its own where one for many hosts applies, with the settings and subsets of that', () => {
    const made = ['new shop/catalog', 'catalog', 'v1,v2', policy]
    assert.deepEqual(
      written(rule('shop/all', `{host: "*.shop.svc.cluster.local", ${tls}, subsets: ${v1}}`)),
      [made],
    )
    assert.deepEqual(written(rule('istio-system/all', `{host: "*.local", ${tls}, subsets: ${v1}}`)), [made])
  })
  it('goes into a new rule of another name where the name is taken by one for another host', () => {
    const [[name]] = written(rule('shop/catalog', '{host: orders}')) as [[string]]
    assert.equal(name, 'new shop/catalog-subsets')
  })
  it('is not written into the rule of another namespace', () => {
    assert.deepEqual(
      written(
        rule('shop/catalog', `{host: catalog, subsets: ${v1}}`),
        rule('web/catalog', `{host: ${host}, subsets: ${v1}}`),
      ),
      [['shop/catalog', 'catalog', 'v1,v2', undefined]],
    )
    const onlyWeb = written(rule('web/catalog', `{host: ${host}, subsets: ${v1}}`))
    assert.deepEqual(
      onlyWeb.map(([name]) => name),
      ['new shop/catalog'],
    )
  })
})

describe('a subset that some callers lack', () => {
  it('is added for callers who lack it where others have it', () => {
    const selector = 'workloadSelector: {matchLabels: {app: till}}'
    const both = '[{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]'
    assert.deepEqual(
      written(
        rule('shop/catalog', `{host: catalog, subsets: ${both}}`),
        rule('shop/till', `{host: catalog, ${selector}, subsets: ${v1}}`),
      ),
      [['shop/till', 'catalog', 'v1,v2', undefined]],
    )
  })
  it('makes no second rule where the one of the Service is not exported to all callers', () => {
    assert.deepEqual(
      written(rule('shop/catalog', `{host: catalog, exportTo: ['.'], ${tls}, subsets: ${v1}}`)).map(
        ([name]) => name,
      ),
      ['shop/catalog'],
    )
  })
  it('is refused where a controller owns the DestinationRule', () => {
    const owned = istio('DestinationRule', 'shop/catalog', {
      spec: `{host: catalog, subsets: ${v1}}`,
      metadata:
        'ownerReferences: [{apiVersion: flagger.app/v1beta1, kind: Canary, name: catalog, controller: true}]',
    })
    assert.throws(() => written(owned), /belongs to Canary shop\/catalog/)
  })
})

describe('the stable version', () => {
  const wanted = { target, weights: new Map([['v2', 10]]), force: false }
  const both = rule(
    'shop/catalog',
    '{host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: v3, labels: {version: v3}}]}',
  )
  const titleWith = (http: string, ...more: readonly string[]): string =>
    planWeight(
      snapshot(
        objects(catalogService, both, ...more, route('shop/catalog', `{hosts: [catalog], http: [${http}]}`)),
      ),
      wanted,
    ).title
  const bare = '{route: [{destination: {host: catalog}}]}'
  const running = [deployment('v1'), deployment('v2')]
  it('is inferred from routes that requests reach', () => {
    assert.equal(titleWith(`${to('v1')}, ${to('v3')}`, ...running), 'weight v1=90,v2=10')
  })
  it('is inferred from the routes that single nobody out, or else from all', () => {
    const gold = '{match: [{headers: {x-tenant: {exact: gold}}}], '
    assert.equal(titleWith(`${gold}${to('v3').slice(1)}, ${to('v1')}`, ...running), 'weight v1=90,v2=10')
    assert.equal(titleWith(`${gold}${to('v1').slice(1)}`, ...running), 'weight v1=90,v2=10')
    const either = '{match: [{headers: {x-tenant: {exact: gold}}}, {uri: {prefix: /a}}], '
    assert.throws(
      () => titleWith(`${either}${to('v3').slice(1)}, ${to('v1')}`, ...running),
      /routes of catalog lead to different versions: .*x-tenant: gold or \/a\*\) to v3; .*to v1/,
    )
  })
  it('is not one that has no share', () => {
    const split =
      '{route: [{destination: {host: catalog, subset: v1}, weight: 100}, {destination: {host: catalog, subset: v3}, weight: 0}]}'
    assert.equal(titleWith(split, ...running), 'weight v1=90,v2=10')
  })
  it('is the one of two that is not named where routes name no subset, those without pods left out', () => {
    const none = deployment('v3', 0).replace('replicas: 1', 'replicas: 0')
    assert.equal(titleWith(bare, ...running, none), 'weight v1=90,v2=10')
    assert.throws(() => titleWith(bare, ...running, deployment('v3')), /v1, v2 and v3 receive traffic/)
    assert.throws(() => titleWith(bare), /cannot tell which version of catalog is stable/)
  })
})
