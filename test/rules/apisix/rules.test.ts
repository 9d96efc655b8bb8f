import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRoute, ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { reachedRules } from '../../../shared/providers/apisix/resolve/table.ts'
import { affected } from '../../../shared/rules/affected/affected.ts'
import { apisixRules } from '../../../shared/rules/apisix-rules.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import { judgeChanges, lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { inSession } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { around, apisixRoute, apisixUpstream, pods, service, to } from '../../plan/apisix/shop.ts'
import { fc } from '../../properties.ts'
import { followed } from '../follow-fix.ts'
import { anyObject, service as anyService } from '../worlds.ts'
import { apisixObjects, apisixRule } from './worlds.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const onRoutes = (objects: readonly KubeObject[]): readonly Finding[] =>
  lintView({ ...judge, rules: apisixRules }, snapshot(objects))
const said = ({ rule, severity, path }: Finding): string => `${severity.lint} ${rule} ${path.join('.')}`
const found = (http: readonly ApisixRule[], ...more: readonly KubeObject[]): readonly string[] =>
  onRoutes([...around, ...more, apisixRoute('catalog', http)]).map(said)

const header = (name: string, value = '1') => ({
  exprs: [{ subject: { scope: 'Header', name }, op: 'Equal', value }],
})
const rule = (name: string, match: object = {}, more: object = {}): ApisixRule => ({
  name,
  match: { paths: ['/*'], hosts: ['shop.example.com'], ...match },
  backends: [to(name.includes('2') ? 'catalog-v2' : 'catalog-v1')],
  ...more,
})

describe('a plugin config that a rule names', () => {
  it('is missing for certain where all is in view, and may be elsewhere in files', () => {
    const named = rule('v1', {}, { plugin_config_name: 'common' })
    assert.deepEqual(found([named]), ['error unknown-plugin-config spec.http.0.plugin_config_name'])
    const settings = { complete: false, relativeWeights: false }
    const inFiles = lintView(
      { rules: apisixRules, settings },
      snapshot([...around, apisixRoute('catalog', [named])]),
    )
    assert.deepEqual(inFiles.map(said), ['warning unknown-plugin-config spec.http.0.plugin_config_name'])
  })
})

describe('the order of rules of ApisixRoutes', () => {
  const order = (...http: readonly ApisixRule[]): readonly string[] => found(http)

  it('is undefined for a rule that another one of its priority covers, and defined by one more', () => {
    assert.deepEqual(order(rule('v1'), rule('v2', header('x-a'))), [
      'warning undefined-rule-order spec.http.1',
    ])
    assert.deepEqual(order(rule('v2', header('x-a')), rule('v1')), [
      'warning undefined-rule-order spec.http.0',
    ])
    assert.deepEqual(order(rule('v1'), rule('v2', header('x-a'), { priority: 1 })), [])
  })

  it('is undefined for two rules that ask for the same, and only worth a note where they meet rarely', () => {
    assert.deepEqual(order(rule('v1'), rule('v2')), ['warning undefined-rule-order spec.http.1'])
    assert.deepEqual(order(rule('v1', header('x-a')), rule('v2', header('x-b'))), [
      'info undefined-rule-order spec.http.1',
    ])
  })

  it('does not matter where no request is for both, or both do the same', () => {
    for (const [one, other] of [
      [header('x-a', '1'), header('x-a', '2')],
      [{ methods: ['GET'] }, { methods: ['POST'] }],
      [{ paths: ['/a*'] }, { paths: ['/b*'] }],
      [{ hosts: ['a.example.com'] }, { hosts: ['b.example.com'] }],
    ])
      assert.deepEqual(order(rule('v1', one), rule('v2', other)), [], JSON.stringify([one, other]))
    assert.deepEqual(order(rule('v1'), rule('v1-again', header('x-a'))), [])
  })

  it('is not judged where a router looks at hosts first, or where nobody can tell what a rule asks', () => {
    for (const [one, other] of [
      [{ hosts: ['*.example.com'] }, {}],
      [{ hosts: undefined }, {}],
      [{ remoteAddrs: ['10.0.0.0/8'] }, { remoteAddrs: ['192.168.0.0/16'] }],
      [{ filter_func: 'function(vars) return true end' }, header('x-a')],
    ])
      assert.deepEqual(order(rule('v1', one), rule('v2', other)), [], JSON.stringify([one, other]))
  })

  it('is judged across routes of one ingress class, on the rule that is to have a higher priority', () => {
    const other = (more: object): ApisixRoute => apisixRoute('all', [rule('v1')], more)
    const own = apisixRoute('catalog', [rule('v2', header('x-a'))])
    const on = (objects: readonly KubeObject[]) =>
      onRoutes([...around, ...objects]).map(finding => `${finding.ref.name} ${said(finding)}`)
    assert.deepEqual(on([own, other({})]), ['catalog warning undefined-rule-order spec.http.0'])
    assert.deepEqual(on([own, other({ ingressClassName: 'outer' })]), [])
  })
})

describe('the order of rules that fixes define', () => {
  it('is defined by the fixes that are printed, of which none hides what only one rule did', () => {
    let fixed = 0
    const rules = fc
      .array(apisixRule, { minLength: 2, maxLength: 5 })
      .map(all => all.map((each, i) => ({ ...each, name: `r${i}` })) as readonly ApisixRule[])
    fc.assert(
      fc.property(rules, http => {
        let objects: readonly KubeObject[] = [
          ...around,
          apisixRoute('catalog', JSON.parse(JSON.stringify(http)) as readonly ApisixRule[]),
        ]
        fc.pre(onRoutes(objects).every(({ message }) => !message.includes('matches the same requests')))
        const was = reachedActions(objects)
        for (let step = 0; step < 20; step++) {
          const next = onRoutes(objects).find(
            ({ rule: id, fix }) => id === 'undefined-rule-order' && fix.startsWith('Set spec.http'),
          )
          if (next === undefined) {
            const now = reachedActions(objects)
            return assert.deepEqual(
              was.filter(action => !now.includes(action)),
              [],
            )
          }
          objects = followed(objects, { on: keyOf(next.ref), fix: next.fix })!
          fixed++
        }
        assert.fail('the fixes lead round in a circle')
      }),
      { numRuns: 300 },
    )
    assert.ok(fixed > 100, String(fixed))
  })
})

/** What the rules that requests reach do, once for all that do the same. */
const reachedActions = (objects: readonly KubeObject[]): readonly string[] => {
  const route = objects.find(({ kind }) => kind === 'ApisixRoute') as ApisixRoute
  const reached = reachedRules(inSession(snapshot(objects)), route)
  return (route.spec?.http ?? []).flatMap(({ name: _n, match: _m, priority: _p, ...action }, i) =>
    reached.has(i) ? [JSON.stringify(action)] : [],
  )
}

describe('the upstreams of ApisixRoutes', () => {
  it('are ApisixUpstreams that exist', () => {
    const http = (name: string) => [rule('v1', {}, { upstreams: [{ name, weight: 1 }] })]
    assert.deepEqual(found(http('outside'), apisixUpstream('outside')), [])
    assert.deepEqual(found(http('outsid'), apisixUpstream('outside')), [
      'warning unknown-backend spec.http.0.upstreams.0.name',
    ])
    const [alone] = onRoutes([
      ...around,
      apisixRoute('catalog', [rule('v1', {}, { backends: [], upstreams: [{ name: 'absent' }] })]),
    ])
    assert.equal(
      alone!.message,
      'ApisixUpstream shop/absent does not exist: all requests of the rule are answered with 503',
    )
  })
})

describe('the backends of ApisixRoutes', () => {
  it('may all weigh nothing beside an ApisixUpstream, and one alone is only warned of', () => {
    const lone = { backends: [to('catalog-v1', 0)] }
    assert.deepEqual(found([rule('v1', {}, lone)]), ['warning weights-sum-to-zero spec.http.0.backends'])
    const upstreams = [{ name: 'outside', weight: 1 }]
    assert.deepEqual(found([rule('v1', {}, { ...lone, upstreams })], apisixUpstream('outside')), [])
    assert.deepEqual(found([rule('v1', {}, { backends: [to('catalog-v1', 0), to('catalog-v2')] })]), [])
  })

  it('of one Service are only warned of where subsets tell them apart, and then no merging is advised', () => {
    const backends = ['v1', 'v2'].map(subset => ({ ...to('catalog', 50), subset }))
    const [finding, ...others] = onRoutes([...around, apisixRoute('catalog', [rule('v1', {}, { backends })])])
    assert.deepEqual(
      [said(finding!), finding!.fix.startsWith('Merge the backends into one, or'), others],
      ['warning repeated-backend spec.http.0.backends.1.serviceName', true, []],
    )
  })

  it('are divided by a plugin config of their rule, and one alone by its own plugin', () => {
    const config = (enable: boolean) =>
      ({
        apiVersion: 'apisix.apache.org/v2',
        kind: 'ApisixPluginConfig',
        metadata: { name: 'common', namespace: 'shop' },
        spec: { plugins: [{ name: 'cors' }, { name: 'traffic-split', enable }] },
      }) as KubeObject
    const both = { backends: [to('catalog-v1', 9), to('catalog-v2', 1)], plugin_config_name: 'common' }
    const wanted = ['warning overridden-weights spec.http.0.plugin_config_name']
    assert.deepEqual(found([rule('v1', {}, both)], config(true)), wanted)
    assert.deepEqual(found([rule('v1', {}, both)], config(false)), [])
    assert.deepEqual(found([rule('v1', {}, { plugins: [{ name: 'traffic-split' }] })]), [])
  })

  it('get nothing where the first of them has no pods, even if that weighs nothing', () => {
    const backends = [to('catalog-v4', 0), to('catalog-v1', 100)]
    const empty = service('catalog-v4', { app: 'catalog', version: 'v4' })
    assert.deepEqual(found([rule('v1', {}, { backends })], empty), [
      'warning backend-matches-no-workload spec.http.0.backends.0.serviceName',
    ])
    assert.deepEqual(found([rule('v1', {}, { backends: backends.toReversed() })], empty), [])
  })
})

describe('a change that an ApisixRoute rests on', () => {
  const route = apisixRoute('catalog', [rule('v2')])
  const world = [...around, route]
  const introducedBy = (change: Change): readonly string[] =>
    judgeChanges(judge, snapshot(world), [change]).introduced.map(
      ({ ref, rule: id, severity }) => `${severity.webhook} ${id} ${keyOf(ref)}`,
    )
  const before = service('catalog-v2', { app: 'catalog', version: 'v2' })

  it('is an error where it deletes a Service that gets requests, or its selector loses the last workload', () => {
    assert.deepEqual(introducedBy({ before }), ['error unknown-backend ApisixRoute shop/catalog'])
    const lost = service('catalog-v2', { app: 'catalog', version: 'v9' })
    assert.deepEqual(introducedBy({ before, after: lost }), [
      'error backend-matches-no-workload ApisixRoute shop/catalog',
    ])
  })

  it('is a warning where it only deletes the pods', () => {
    assert.deepEqual(introducedBy({ before: pods('v2') }), [
      'warning backend-matches-no-workload ApisixRoute shop/catalog',
    ])
  })
})

describe('what a change does to ApisixRoutes', () => {
  it('is found by indexes, wherever it shows: no other ApisixRoute is judged otherwise after it', () => {
    let count = 0
    const any = fc.oneof(
      { weight: 3, arbitrary: fc.oneof(...apisixObjects) },
      { weight: 2, arbitrary: anyService },
      { weight: 2, arbitrary: anyObject },
    )
    const unique = (objects: readonly KubeObject[]): readonly KubeObject[] => [
      ...new Map(objects.map(each => [keyOf(refOf(each)), each])).values(),
    ]
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 8 }).map(unique),
        any,
        fc.boolean(),
        (objects, object, isGone) => {
          const was = objects.find(each => keyOf(refOf(each)) === keyOf(refOf(object)))
          const change: Change =
            isGone && was !== undefined ? { before: was } : { before: was, after: object }
          const view = snapshot(objects)
          const after = overlay(view, [change])
          const judged = new Set(
            [changedRef(change), ...affected(view, [change]), ...affected(after, [change])].map(keyOf),
          )
          const [old, now] = [findingsBy(view), findingsBy(after)]
          for (const key of new Set([...old.keys(), ...now.keys()]))
            if (!judged.has(key)) assert.deepEqual(now.get(key) ?? [], old.get(key) ?? [], key)
          count += now.size
        },
      ),
      { numRuns: 400 },
    )
    assert.ok(count > 200, String(count))
  })
})

const findingsBy = (side: ClusterView): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...Map.groupBy(lintView({ ...judge, rules: apisixRules }, side), ({ ref }) => keyOf(ref))].map(
      ([key, findings]) => [
        key,
        findings.map(finding => `${finding.rule} ${identityOf(finding)} ${finding.message}`).toSorted(),
      ],
    ),
  )

describe('what a backend of an ApisixRoute names', () => {
  const judged = (more: object): Finding =>
    onRoutes([
      ...around,
      apisixRoute('catalog', [rule('v1', {}, { backends: [{ ...to('catalog-v1'), ...more }] })]),
    ])[0]!

  it('is a port of the name that a number in quotes is, and without quotes that number', () => {
    const { message, fix } = judged({ servicePort: '80' })
    assert.match(message, /has no port of the name "80"; it has 80/)
    assert.equal(fix, 'Set spec.http[0].backends[0].servicePort: 80')
    assert.match(judged({ servicePort: 81 }).message, /has no port 81; it has 80/)
  })

  it('is no Service where its name is no text', () => {
    assert.match(judged({ serviceName: 5 }).message, /^the backend names no Service/)
  })
})
