import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent, routeNamed, weights } from '../intents.ts'
import { deployment, destinationRule, fromGateway, inMesh, service } from '../worlds.ts'

const versions = ['v1', 'v2', 'v3'] as const
const at = (prefix: string, subset: string): HttpRoute => ({
  match: [{ uri: { prefix } }],
  route: [{ destination: { host: 'catalog', subset: `version-${subset}` } }],
})
const viewOf = (...http: readonly HttpRoute[]) =>
  snapshot([
    service(),
    ...versions.map(version => deployment(`catalog-${version}`, { app: 'catalog', version })),
    destinationRule(...versions),
    inMesh(...http),
  ])

describe('routes that a person chose among those that lead to different versions', () => {
  const view = viewOf(at('/admin/', 'v1'), at('/items/', 'v2'), at('/', 'v1'))
  const choice = { routes: ['/admin/', '/items/'], objects: [] }
  const asked = cohortIntent('qa', 'v3', { stable: 'v1' })

  it('are kept to by later edits, which ask for no choice', () => {
    assert.equal(
      code(() => planCohort(view, asked)),
      'usage',
    )
    const chosen = apply(view, planCohort(view, { ...asked, choice }))
    for (const later of [
      planCohort(chosen, { ...asked, until: '2026-03-01T00:00:00Z' }),
      planWeight(chosen, { ...weights(['v3', 10]), stable: 'v1' }),
    ]) {
      assert.ok(later.changes.length > 0)
      const last = routeNamed(apply(chosen, later), 'catalog-mesh').spec.http!.at(-1)
      assert.deepEqual(last, at('/', 'v1'))
      const left = later.notes.flatMap(note => (note.kind === 'left-out' ? note.routes : []))
      assert.deepEqual(
        left.map(({ takes }) => takes),
        ['/*'],
      )
    }
  })
})

it('where one route cannot be edited, its fix comes before the command that leaves it as it is', () => {
  const elsewhere: HttpRoute = {
    match: [{ uri: { prefix: '/old' } }],
    route: [
      { destination: { host: 'catalog', subset: 'version-v1' }, weight: 50 },
      { destination: { host: 'other' }, weight: 50 },
    ],
  }
  assert.throws(
    () => planWeight(viewOf(elsewhere, at('/', 'v1')), { ...weights(['v2', 10]), stable: 'v1' }),
    (error: unknown) => {
      assert.ok(error instanceof CanaryError && error.code === 'refused')
      assert.match(error.hints[0]!, /^Give the other host a route of its own/)
      assert.match(error.hints.at(-1)!, /^Or leave that route as it is: .* --route \/$/)
      assert.equal(error.hints.length, 2)
      return true
    },
  )
})

it('where routes of two VirtualServices have one word, the VirtualService of the one that can be edited is offered', () => {
  const split: HttpRoute = {
    route: [
      { destination: { host: 'catalog', subset: 'version-v1' }, weight: 50 },
      { destination: { host: 'other' }, weight: 50 },
    ],
  }
  const whole: HttpRoute = { route: [{ destination: { host: 'catalog', subset: 'version-v1' } }] }
  const view = overlay(viewOf(whole), [{ before: undefined, after: fromGateway(split) }])
  assert.throws(
    () => planWeight(view, { ...weights(['v2', 10]), stable: 'v1' }),
    (error: unknown) =>
      error instanceof CanaryError && / --virtual-service \w+\/catalog-mesh$/.test(error.hints.at(-1)!),
  )
})
