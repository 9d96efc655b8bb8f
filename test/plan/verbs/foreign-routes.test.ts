import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Note } from '../../../shared/routing/note.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { readServices } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { cohortIntent, target, weights } from '../intents.ts'
import { catalog, deepFreeze, namespace } from '../worlds.ts'

const route = (
  spec: ServiceRoute['spec'] | null | string,
  { kind = 'HTTPRoute', of = namespace } = {},
): KubeObject =>
  deepFreeze({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind,
    metadata: { name: 'web', namespace: of },
    spec,
  } as unknown as KubeObject)
const toCatalog = route({ parentRefs: [{ name: 'public' }], rules: [{ backendRefs: [{ name: 'catalog' }] }] })
const bare = catalog().filter(({ kind }) => kind !== 'VirtualService')
const noted = ({ notes }: { readonly notes: readonly Note[] }) =>
  notes.flatMap(note => (note.kind === 'foreign-routes' ? note.routes.map(({ name }) => name) : []))
/** The routes of other APIs that are named for the catalog. */
const foreignOf = (...objects: readonly KubeObject[]): readonly string[] =>
  readServices(snapshot([...catalog(), ...objects]), { ...target, service: 'catalog' }).flatMap(
    ({ traffic }) => traffic.foreign?.map(({ kind, namespace: of, name }) => `${kind} ${of}/${name}`) ?? [],
  )

describe('a route of the Gateway API', () => {
  it('is of a Service that it sends requests to, or that it is attached to in the mesh', () => {
    assert.deepEqual(foreignOf(toCatalog), ['HTTPRoute istioinaction/web'])
    assert.deepEqual(
      foreignOf(
        route({ parentRefs: [{ group: '', kind: 'Service', name: 'catalog' }] }, { kind: 'GRPCRoute' }),
      ),
      ['GRPCRoute istioinaction/web'],
    )
    const away = { rules: [{ backendRefs: [{ name: 'catalog', namespace }] }] }
    assert.deepEqual(foreignOf(route(away, { of: 'edge' })), ['HTTPRoute edge/web'])
  })
  it('is not of a Service that it does not name', () => {
    const others: readonly ServiceRoute['spec'][] = [
      { rules: [{ backendRefs: [{ name: 'catalog', namespace: 'other' }] }] },
      {
        rules: [
          { backendRefs: [{ name: 'catalog', group: 'multicluster.x-k8s.io', kind: 'ServiceImport' }] },
        ],
      },
      { parentRefs: [{ name: 'catalog' }] },
      {},
    ]
    for (const spec of [...others, null, 'odd'] as const) assert.deepEqual(foreignOf(route(spec)), [])
    assert.deepEqual(foreignOf({ ...toCatalog, apiVersion: 'example.com/v1' }), [])
  })
})

describe('a route of the Gateway API to a Service', () => {
  it('is named by every edit, which does not change it', () => {
    const view = snapshot([...catalog(), toCatalog])
    for (const plan of [
      planWeight(view, weights(['v2', 10])),
      planCohort(view, cohortIntent()),
      planPromote(view, { target, version: 'v2', force: false }),
      planAbort(view, { target }),
      planInit(view, { target, stable: 'v1', gateways: [], hosts: [] }),
    ]) {
      assert.deepEqual(noted(plan), ['web'], plan.title)
      assert.ok(plan.changes.every(({ before }) => before?.kind !== 'HTTPRoute'))
    }
  })
  it('makes its Service one that is shown, also where nothing else routes it', () => {
    for (const namespaces of [namespace, '*'] as const) {
      const shown = readServices(snapshot([...bare, toCatalog]), {
        ...target,
        namespace: namespaces,
      })
      assert.deepEqual(
        shown.map(({ service: { name }, traffic }) => [name, noted(traffic)]),
        [['catalog', ['web']]],
      )
      assert.deepEqual(noted({ notes: shown[0]!.recordNotes }), ['web'])
    }
    assert.deepEqual(readServices(snapshot(bare), target), [])
  })
})

describe('beside a route of the Gateway API', () => {
  const view = snapshot([...bare, toCatalog])
  const init = (force: boolean) => () =>
    planInit(view, {
      target: { ...target, command: 'init catalog' },
      stable: 'v1',
      gateways: [],
      hosts: [],
      force,
    })
  it('init makes no route, unless a person insists', () => {
    assert.throws(init(false), (error: CanaryError) => {
      assert.equal(error.code, 'refused')
      assert.match(error.message, /HTTPRoute istioinaction\/web/)
      assert.match(error.hints.join('\n'), /kubectl canary init catalog --force/)
      return true
    })
    const plan = init(true)()
    assert.deepEqual(noted(plan), ['web'])
    assert.ok(plan.changes.some(({ after }) => after?.kind === 'VirtualService'))
  })
  it('no other edit offers an init that is then refused', () => {
    for (const run of [
      () => planWeight(view, weights(['v2', 10])),
      () => planCohort(view, cohortIntent()),
      () => planPromote(view, { target, version: 'v2', force: false }),
      () => planAbort(view, { target }),
      () => planCohort(view, cohortIntent('qa', 'v9')),
      () => planWeight(view, { ...weights(['v9', 10]), target: { ...target, service: 'catalog' } }),
    ])
      assert.throws(run, (error: CanaryError) => {
        assert.match(error.hints.join('\n'), /HTTPRoute istioinaction\/web routes catalog/)
        assert.doesNotMatch(error.hints.join('\n'), /canary init/)
        return true
      })
  })
})
