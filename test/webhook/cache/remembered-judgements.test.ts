import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { judgeChanges, type Judge } from '../../../shared/rules/introduced.ts'
import { merged, type Change } from '../../../shared/view/change.ts'
import { snapshot, type LiveView } from '../../../shared/view/snapshot.ts'
import { withRememberedViolations } from '../../../webhook/cache/istio-violations.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'
import { rememberingJudgements } from '../../../webhook/cache/remembered-judgements.ts'
import { differenceOf, readByRules } from '../../../webhook/cache/same-to-rules.ts'
import { fc } from '../../properties.ts'
import { worldAndChanges } from '../../rules/worlds.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../requests.ts'

const judge: Judge = {
  rules: guardedRules,
  settings: { complete: true, relativeWeights: false },
  mostSubjects: 500,
}

/** The object with each positive weight of its routes changed, and with what API servers write into metadata. */
function stepped(object: KubeObject | undefined, by: number): KubeObject | undefined {
  if (object === undefined) return undefined
  const walk = (value: unknown, key = ''): unknown => {
    if (key === 'weight' && typeof value === 'number' && value > 0) return 1 + ((value + by) % 100)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(item => walk(item))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
  }
  const { metadata, ...rest } = object
  return {
    ...(walk(rest) as Omit<KubeObject, 'metadata'>),
    metadata: { ...metadata, resourceVersion: String(by), generation: by },
  }
}

/** What a block may ask instead, and what a route may do beside: also nothing, and what others before it take. */
const asks = [{}, { uri: { prefix: '/' } }, { uri: { exact: '/a' } }, { headers: { x: { exact: 'a' } } }]
const beside = [{}, { timeout: '5s' }, { timeout: 'never' }]

/** The object with something else asked by each block of its http routes, and other fields beside its destinations. */
function asking(object: KubeObject | undefined, by: number): KubeObject | undefined {
  const spec = (object as { readonly spec?: { readonly http?: unknown } } | undefined)?.spec
  if (object === undefined || !Array.isArray(spec?.http)) return object
  const http = (spec.http as readonly { readonly match?: unknown }[]).map((route, n) => ({
    ...route,
    ...beside[(by + n) % beside.length],
    ...(Array.isArray(route.match) && {
      match: route.match.map((block: object, i) => ({
        ...block,
        uri: undefined,
        ...asks[(by * (n + 1) + i) % asks.length],
      })),
    }),
  }))
  return JSON.parse(JSON.stringify({ ...object, spec: { ...spec, http } })) as KubeObject
}

const versioned = (object: KubeObject, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion, managedFields: [] } as KubeObject['metadata'],
})

const apply = (view: LiveView, { before, after }: Change): void =>
  after === undefined ? view.remove(refOf(before!)) : view.put(after)

/** Rules that count how often they are asked; those that read one object alone are not counted. */
function counting(): { readonly judge: Judge; readonly count: () => number } {
  let asked = 0
  const rules = guardedRules.map(rule =>
    (rule.isAboutWeights ?? rule.readsEveryField)
      ? rule
      : Object.assign({}, rule, {
          check: (view: never, subject: never, settings: never) => {
            asked++
            return rule.check(view, subject, settings)
          },
        }),
  )
  return { judge: { ...judge, rules }, count: () => asked }
}

const cluster = [
  namespaceObject(),
  service(),
  destinationRule(['v1', 'v2']),
  ...['v1', 'v2'].map(version => workload(version)),
]
const shift = (from: number, to: number): Change => ({
  before: virtualService({ v1: 100 - from, v2: from }),
  after: virtualService({ v1: 100 - to, v2: to }),
})

describe('a remembering judge', () => {
  it('finds what judging everything finds, for any worlds, changes, repeats, steps of weights, other matches and events', () => {
    fc.assert(
      fc.property(worldAndChanges, fc.integer({ min: 1, max: 90 }), ({ objects, changes }, by) => {
        const view = snapshot(objects)
        const remembering = rememberingJudgements()
        const assertSame = (change: Change): void =>
          assert.deepEqual(remembering(judge, view, change), judgeChanges(judge, view, [change]))
        const steps = (change: Change): readonly Change[] => [
          change,
          change,
          { before: stepped(change.before, by), after: stepped(change.after, by) },
          { ...change, after: stepped(change.after, by + 1) },
          { ...change, after: asking(change.after, by) },
          { ...change, after: asking(stepped(change.after, by), by + 1) },
          { before: asking(change.before, by), after: asking(change.after, by + 2) },
          { before: change.after, after: change.after },
          change,
        ]
        const all = merged(changes)
        const judged = all.flatMap(steps).filter(({ before, after }) => before ?? after)
        judged.forEach(assertSame)
        for (const change of all) {
          apply(view, change)
          judged.forEach(assertSame)
        }
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 40) },
    )
  })
})

describe('a remembering judge over the cache', () => {
  it('finds in what the cache keeps of the old object what is found in the whole, for any worlds and changes', () => {
    const ofCache = { ...judge, rules: withRememberedViolations(guardedRules) }
    fc.assert(
      fc.property(worldAndChanges, fc.integer({ min: 1, max: 90 }), ({ objects, changes }, by) => {
        const whole = objects.map((object, i) => versioned(object, String(i + 1)))
        const byKey = new Map(whole.map(object => [keyOf(refOf(object)), object]))
        const view = snapshot(whole.flatMap(object => projectObject(object) ?? []))
        const remembering = rememberingJudgements()
        for (const { before, after } of merged(changes)) {
          const old = before && byKey.get(keyOf(refOf(before)))
          const change = { before: old, after: after && versioned(after, '0') }
          const steps = [
            change,
            change,
            { ...change, after: stepped(change.after, by) },
            { ...change, after: asking(change.after, by) },
            { ...change, after: asking(change.after, by + 1) },
            change,
          ]
          for (const each of steps.filter(step => step.before ?? step.after))
            assert.deepEqual(remembering(ofCache, view, each), judgeChanges(ofCache, view, [each]))
        }
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 40) },
    )
  })
})

describe('a remembering judge of a canary', () => {
  it('asks no rule again about the same change', () => {
    const { judge: counted, count } = counting()
    const remembering = rememberingJudgements()
    const view = snapshot(cluster)
    const first = remembering(counted, view, shift(10, 20))
    const asked = count()
    assert.equal(remembering(counted, view, shift(10, 20)), first)
    assert.equal(count(), asked)
  })

  it('asks only rules about weights about the next step of a canary, and denies a wrong one', () => {
    const { judge: counted, count } = counting()
    const remembering = rememberingJudgements()
    const view = snapshot([...cluster, shift(10, 20).before!])
    remembering(counted, view, shift(10, 20))
    const asked = count()
    apply(view, shift(10, 20))
    assert.deepEqual(remembering(counted, view, shift(20, 30)), { introduced: [], standing: [] })
    const wrong = { before: shift(20, 30).before!, after: virtualService({ v1: 70, v2: 20 }) }
    assert.deepEqual(
      remembering(counted, view, wrong).introduced.map(({ rule }) => rule),
      ['weights-sum-to-100'],
    )
    assert.equal(count(), asked)
  })
})

/** A VirtualService with a route for each. */
const asked = (...asks: readonly object[]): KubeObject => {
  const { spec, ...rest } = virtualService({ v1: 90, v2: 10 }) as KubeObject & {
    readonly spec: { readonly http: readonly object[] }
  }
  const http = asks.flatMap(fields => spec.http.map(route => ({ ...route, ...fields })))
  return { ...rest, spec: { ...spec, http } } as KubeObject
}
const header = (exact: string): object => ({ match: [{ headers: { 'x-user': { exact } } }] })
const path = (prefix: string): object => ({ match: [{ uri: { prefix } }] })
const plain = asked({})
/** What is found in a change of a VirtualService after another one, and whether all rules were asked for it. */
const second = (after: KubeObject): { readonly found: readonly string[]; readonly hasAskedAll: boolean } => {
  const { judge: counted, count } = counting()
  const remembering = rememberingJudgements()
  const view = snapshot([...cluster, plain])
  remembering(counted, view, { before: plain, after: asked(header('anna'), path('/a'), {}) })
  const asks = count()
  const { introduced } = remembering(counted, view, { before: plain, after })
  return { found: introduced.map(({ rule }) => rule), hasAskedAll: count() > asks }
}

describe('a remembering judge of other matches', () => {
  it('finds what judging everything finds, whatever routes ask and hide', () => {
    const ask = fc.constantFrom({}, header('anna'), header('bert'), path('/'), path('/a'), path('/a/b'))
    const route = fc
      .tuple(ask, fc.constantFrom(...beside))
      .map(fields => Object.assign({}, ...fields) as object)
    fc.assert(
      fc.property(fc.array(fc.tuple(route, route, route), { minLength: 2, maxLength: 6 }), states => {
        const view = snapshot([...cluster, plain])
        const remembering = rememberingJudgements()
        for (const routes of states) {
          const change = { before: plain, after: asked(...routes) }
          assert.deepEqual(remembering(judge, view, change), judgeChanges(judge, view, [change]))
        }
      }),
    )
  })

  it('asks only the rules that read one object', () => {
    const after = asked({ ...header('bert'), timeout: '5s' }, path('/b'), {})
    assert.deepEqual(second(after), { found: [], hasAskedAll: false })
  })

  it('denies a match or a timeout that Istio refuses', () => {
    for (const wrong of [
      { match: [{ uri: { prefix: '/a' }, method: 'GET' }] },
      { ...path('/a'), timeout: 'never' },
    ])
      assert.deepEqual(second(asked(header('anna'), wrong, {})), {
        found: ['istio-rejects'],
        hasAskedAll: false,
      })
  })

  it('asks all rules where a route takes all that another one asks for, or everything', () => {
    const hidden = [asked(header('anna'), header('anna'), {}), asked(header('anna'), path('/'), {})]
    for (const after of hidden)
      assert.deepEqual(second(after), { found: ['unreachable-route'], hasAskedAll: true })
  })
})

describe('a remembering judge asks all rules', () => {
  for (const [title, change] of Object.entries<Change>({
    'that a version gets no requests any more': {
      before: shift(10, 20).before!,
      after: virtualService({ v1: 100, v2: 0 }),
    },
    'of another subset': { before: shift(10, 20).before!, after: virtualService({ v1: 80, v3: 20 }) },
    'of the same object, made by a creation': { after: shift(10, 20).after! },
  }))
    it(`about a change ${title}`, () => {
      const { judge: counted, count } = counting()
      const remembering = rememberingJudgements()
      const view = snapshot(cluster)
      remembering(counted, view, shift(10, 20))
      const asked = count()
      remembering(counted, view, change)
      assert.ok(count() > asked)
    })

  it('again when an object that the judgement rests on has changed', () => {
    const remembering = rememberingJudgements()
    const view = snapshot(cluster)
    assert.deepEqual(remembering(judge, view, shift(10, 20)).introduced, [])
    view.put(destinationRule(['v1']))
    const { introduced } = remembering(judge, view, { after: shift(10, 20).after! })
    assert.deepEqual([...new Set(introduced.map(({ rule }) => rule))], ['undefined-subset'])
    const again = remembering(judge, view, shift(10, 20))
    assert.deepEqual([...new Set(again.standing.map(({ rule }) => rule))], ['undefined-subset'])
  })
})

describe('the memory of judgements', () => {
  const named = (name: string): Change => {
    const { after } = shift(0, 20)
    return { after: { ...after!, metadata: { ...after!.metadata, name } } }
  }

  it('forgets the oldest judgements instead of growing', () => {
    const { judge: counted, count } = counting()
    const remembering = rememberingJudgements(2_000)
    const view = snapshot(cluster)
    for (let i = 0; i < 100; i++) remembering(counted, view, named(`vs${i}`))
    const asked = count()
    remembering(counted, view, named('vs99'))
    assert.equal(count(), asked)
    remembering(counted, view, named('vs0'))
    assert.ok(count() > asked)
  })

  it('keeps a judgement that is asked for again and again while others come', () => {
    const { judge: counted, count } = counting()
    const remembering = rememberingJudgements(2_000)
    const view = snapshot(cluster)
    remembering(counted, view, named('kept'))
    for (let i = 0; i < 100; i++) {
      remembering(counted, view, named(`vs${i}`))
      const asked = count()
      remembering(counted, view, named('kept'))
      assert.equal(count(), asked, `after ${i}`)
    }
  })
})

describe('the difference of two objects to rules', () => {
  const route = virtualService({ v1: 90, v2: 10 })
  const withMetadata = (more: object): KubeObject => ({ ...route, metadata: { ...route.metadata, ...more } })
  const to = (spec: object): KubeObject => ({ ...route, spec }) as KubeObject
  const own = Reflect.get(route, 'spec') as object

  it('is one where a field or a part of the metadata comes or goes', () => {
    for (const other of [
      withMetadata({ labels: { team: 'a' } }),
      withMetadata({ annotations: { note: 'a' } }),
      to({ ...own, exportTo: ['.'] }),
    ])
      assert.deepEqual(
        [differenceOf(route, other), differenceOf(readByRules(other), route)],
        ['other', 'other'],
        JSON.stringify(other),
      )
  })

  it('is none for what no rule reads', () => {
    const written = withMetadata({
      generation: 2,
      managedFields: [{ manager: 'kubectl' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    })
    assert.deepEqual(
      [differenceOf(route, written), differenceOf(readByRules(written), route)],
      ['none', 'none'],
    )
  })
})
