import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import type { RouteChoice } from '../../../shared/routing/wanted.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent, routeNamed, split, target, weights } from '../intents.ts'
import { deployment, destinationRule, fromGateway, inMesh, service, virtualService } from '../worlds.ts'

const at = (name: string | undefined, prefix: string, subset: string): HttpRoute => ({
  ...(name === undefined ? {} : { name }),
  match: [{ uri: { prefix } }],
  route: [{ destination: { host: 'catalog', subset: `version-${subset}` } }],
})
const world = (...routes: readonly KubeObject[]): ClusterView =>
  snapshot([
    service(),
    ...['admin', 'public', 'next'].map(version =>
      deployment(`catalog-${version}`, { app: 'catalog', version }),
    ),
    destinationRule('admin', 'public', 'next'),
    ...routes,
  ])
/** Two paths for two versions, as they are served on purpose. */
const twoPaths = world(inMesh(at('admin', '/admin/', 'admin'), at(undefined, '/', 'public')))
const toRoot = { routes: ['/'], objects: [] }
const weighed = (view: ClusterView, choice: RouteChoice = toRoot): Plan =>
  planWeight(view, { ...weights(['next', 10]), choice })
/** The error of a command. */
function refused(run: () => unknown): CanaryError {
  try {
    run()
  } catch (error) {
    if (error instanceof CanaryError) return error
    throw error
  }
  throw new TypeError('nothing was refused')
}
/** The route that an offered command chooses. */
const wordOf = (hint: string): string | undefined => / --route (\S+)$/.exec(hint)?.[1]
const leftOut = ({ notes }: Plan): readonly string[] =>
  notes.flatMap(note =>
    note.kind === 'left-out' ? note.routes.map(({ object, place }) => `${object.name} ${place}`) : [],
  )

describe('the routes that are offered', () => {
  it('are the others where those of the version that is named have nothing to change', () => {
    for (const run of [
      () => planWeight(twoPaths, weights(['public', 10])),
      () => planPromote(twoPaths, { target, version: 'public', force: false }),
    ])
      assert.deepEqual(refused(run).hints.slice(1).map(wordOf), ['admin'])
  })
})

describe('routes that lead to different versions on purpose', () => {
  it('are not given one split, promotion, cohort or abort, whatever is said to be stable', () => {
    const commands: Readonly<Record<string, () => unknown>> = {
      weight: () => planWeight(twoPaths, weights(['public', 10])),
      'weight with stable': () => planWeight(twoPaths, { ...weights(['public', 10]), stable: 'admin' }),
      promote: () => planPromote(twoPaths, { target, version: 'public', force: false }),
      cohort: () => planCohort(twoPaths, cohortIntent('qa', 'public')),
      'abort with stable': () => planAbort(twoPaths, { target, stable: 'admin' }),
    }
    for (const [name, run] of Object.entries(commands)) {
      const error = refused(run)
      assert.equal(error.code, 'usage', name)
      assert.match(
        error.message,
        /spec\.http\[0\] \(\/admin\/\*\) to admin; .*spec\.http\[1\] \(\/\*\) to public/,
      )
    }
  })
  it('are offered by the words that the command then takes', () => {
    const error = refused(() => planWeight(twoPaths, { ...weights(['public', 10]), stable: 'admin' }))
    const words = error.hints.slice(1).map(hint => wordOf(hint)!)
    assert.deepEqual(words, ['admin', '/'])
    for (const word of words) {
      const plan = planWeight(twoPaths, {
        ...weights(['public', 10]),
        stable: 'admin',
        choice: { routes: [word], objects: [] },
      })
      assert.equal(plan.changes.length, 1)
    }
  })
  it('are no canary: an abort changes nothing', () => {
    const plan = planAbort(twoPaths, { target })
    assert.deepEqual(plan.changes, [])
    assert.deepEqual(
      plan.notes.map(({ kind }) => kind),
      ['nothing-to-abort'],
    )
  })
  it('are changed together where both are chosen', () => {
    const choice = { routes: ['admin', '/'], objects: [] }
    const both = planWeight(twoPaths, { ...weights(['next', 10]), stable: 'public', choice })
    assert.deepEqual(split(apply(twoPaths, both), 'catalog-mesh'), [
      'version-public=90 version-next=10',
      'version-public=90 version-next=10',
    ])
  })
})

/** The canary on the path / alone. */
const during = apply(twoPaths, weighed(twoPaths))

describe('a canary on chosen routes', () => {
  it('leaves the others as they are, and says so', () => {
    assert.deepEqual(split(during, 'catalog-mesh'), ['version-admin', 'version-public=90 version-next=10'])
    assert.deepEqual(leftOut(weighed(twoPaths)), ['catalog-mesh spec.http[0]'])
  })
  it('goes on and ends on its routes, without their being named again', () => {
    const more = planWeight(during, weights(['next', 50]))
    assert.deepEqual(leftOut(more), ['catalog-mesh spec.http[0]'])
    assert.deepEqual(split(apply(during, more), 'catalog-mesh')[0], 'version-admin')
    const promoted = apply(during, planPromote(during, { target, version: 'next', force: false }))
    assert.deepEqual(split(promoted, 'catalog-mesh'), ['version-admin', 'version-next'])
    assert.equal(routeNamed(promoted, 'catalog-mesh').metadata.annotations, undefined)
  })
  it('leaves no trace when it is aborted', () => {
    assert.deepEqual(
      routeNamed(apply(during, planAbort(during, { target })), 'catalog-mesh'),
      routeNamed(twoPaths, 'catalog-mesh'),
    )
  })
  it('is found again on a route that got another name since', () => {
    const renamed = (object: VirtualService): VirtualService => ({
      ...object,
      spec: {
        ...object.spec,
        http: object.spec.http!.map(route => ({ ...route, name: `new-${route.name}` })),
      },
    })
    const before = routeNamed(during, 'catalog-mesh')
    const view = apply(during, { changes: [{ before, after: renamed(before) }] } as unknown as Plan)
    const aborted = apply(view, planAbort(view, { target }))
    assert.deepEqual(split(aborted, 'catalog-mesh'), ['version-admin', 'version-public'])
  })
  it('does not begin on others before it has ended', () => {
    assert.equal(
      code(() => weighed(during, { routes: ['admin'], objects: [] })),
      'usage',
    )
  })
})

describe('a cohort on chosen routes', () => {
  it('is for these alone, covers all that it is meant to and goes without a trace', () => {
    const plan = planCohort(twoPaths, cohortIntent('qa', 'next', { choice: toRoot }))
    const view = apply(twoPaths, plan)
    assert.deepEqual(split(view, 'catalog-mesh'), ['version-admin', 'version-next', 'version-public'])
    assert.deepEqual(leftOut(plan), ['catalog-mesh spec.http[0]'])
    const [traffic] = readTraffic(view, target)
    assert.deepEqual(
      traffic!.entryPoints.flatMap(({ cohorts }) => cohorts.flatMap(each => each.uncovered)),
      [],
    )
    const again = planCohort(view, cohortIntent('qa', 'next'))
    assert.deepEqual(again.changes, [])
    const left = apply(view, planRemoveCohort(view, { target, name: 'qa' }))
    assert.deepEqual(routeNamed(left, 'catalog-mesh'), routeNamed(twoPaths, 'catalog-mesh'))
  })
})

describe('a route that also leads to another host', () => {
  const mixed: HttpRoute = {
    name: 'mixed',
    match: [{ uri: { prefix: '/old' } }],
    route: [
      { destination: { host: 'catalog', subset: 'version-public' }, weight: 50 },
      { destination: { host: 'orders' }, weight: 50 },
    ],
  }
  const base = at('all', '/', 'public')
  it('stops no canary on the others', () => {
    const view = world(inMesh(mixed, base))
    const error = refused(() => planWeight(view, weights(['next', 10])))
    assert.equal(error.code, 'refused')
    const command = / --route (\S+)/.exec(error.hints.join('\n'))?.[1]
    assert.equal(command, 'all')
    const choice = { routes: ['all'], objects: [] }
    for (const plan of [
      planWeight(view, { ...weights(['next', 10]), choice }),
      planCohort(view, cohortIntent('qa', 'next', { choice })),
    ]) {
      const { http } = routeNamed(apply(view, plan), 'catalog-mesh').spec
      assert.deepEqual(
        http!.find(({ name }) => name === 'mixed'),
        mixed,
      )
      assert.deepEqual(leftOut(plan), ['catalog-mesh spec.http[0]'])
    }
  })
  it('is left out with its VirtualService', () => {
    const view = world(fromGateway(mixed), inMesh(base))
    const choice = { routes: [] as string[], objects: ['catalog-mesh'] }
    const plan = planWeight(view, { ...weights(['next', 10]), choice })
    assert.deepEqual(
      plan.changes.map(({ before }) => before!.metadata.name),
      ['catalog-mesh'],
    )
    const aborted = planAbort(apply(view, plan), { target })
    assert.deepEqual(
      aborted.changes.map(({ before }) => before!.metadata.name),
      ['catalog-mesh'],
    )
    assert.deepEqual(leftOut(aborted), ['catalog-vs-from-gw spec.http[0]'])
  })
})

describe('a word for a route', () => {
  it('is its name, its path, what it takes or its place', () => {
    for (const word of ['admin', '/admin/', '/admin/*', 'http[0]'])
      assert.deepEqual(leftOut(weighed(twoPaths, { routes: [word], objects: [] })), [
        'catalog-mesh spec.http[1]',
      ])
  })
  it('that fits none is an error with those that do', () => {
    const error = refused(() => weighed(twoPaths, { routes: ['nix'], objects: [] }))
    assert.equal(error.code, 'not-found')
    assert.match(error.hints.join(), /admin .*, \/ /)
    assert.equal(refused(() => weighed(twoPaths, { routes: [], objects: ['nix'] })).code, 'not-found')
  })
})

it('routes that lead to different versions at different entrances are one canary, if stable is said', () => {
  const view = world(
    virtualService('catalog-gw', {
      hosts: ['catalog.example.com'],
      gateways: ['public'],
      http: [{ route: [{ destination: { host: 'catalog', subset: 'version-admin' } }] }],
    }),
    inMesh({ route: [{ destination: { host: 'catalog', subset: 'version-public' } }] }),
  )
  assert.equal(
    code(() => planWeight(view, { ...weights(['next', 10]), stable: 'public' })),
    'none',
  )
})
