import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent, split, target, weights } from '../intents.ts'
import { peopleAfter } from '../people-after.ts'
import { deployment, destinationRule, inMesh, service } from '../worlds.ts'

const any = inMesh({ route: [{ destination: { host: 'catalog' } }] })
/** A catalog whose route names no version; so many pods of each are ready. */
const world = (ready: Readonly<Record<string, number>>, route: KubeObject = any): readonly KubeObject[] => [
  service(),
  ...Object.entries(ready).map(([version, pods]) =>
    deployment(`catalog-${version}`, { app: 'catalog', version }, pods),
  ),
  destinationRule(...Object.keys(ready)),
  route,
]
const onFiles = snapshot(world({ v1: 0, v2: 0 }))
const live = { ...target, live: true }
const liveCohort = (ready: Readonly<Record<string, number>>, to: string) => () =>
  planCohort(snapshot(world(ready)), cohortIntent('qa', to, { target: live }))

describe('where routes name no version and there are two', () => {
  it('everyone else goes to the one that is not named, and it is said what they had', () => {
    const plan = planCohort(onFiles, cohortIntent('qa', 'v2'))
    assert.deepEqual(peopleAfter(plan), [
      'catalog: cohort qa (x-istio-cohort: qa) → v2; everyone else: any of v1, v2 → v1',
    ])
    assert.deepEqual(peopleAfter(planWeight(onFiles, weights(['v2', 10]))), [
      'catalog: everyone: any of v1, v2 → v1 90 %, v2 10 %',
    ])
    assert.deepEqual(
      peopleAfter(planPromote(onFiles, { target: { ...target, live: false }, version: 'v2', force: false })),
      ['catalog: everyone: any of v1, v2 → v2'],
    )
  })
  it('it is not said again when nothing changes', () => {
    const once = apply(onFiles, planCohort(onFiles, cohortIntent('qa', 'v2')))
    assert.deepEqual(peopleAfter(planCohort(once, cohortIntent('qa', 'v2'))), [
      'catalog: cohort qa (x-istio-cohort: qa) → v2; everyone else → v1',
    ])
  })
  it('on files the later version does not become stable unasked', () => {
    for (const to of ['v1', 'v9']) {
      const view = snapshot(world({ [to]: 0, v10: 0 }))
      assert.equal(
        code(() => planCohort(view, cohortIntent('qa', to))),
        'usage',
      )
      assert.equal(
        code(() => planWeight(view, weights([to, 10]))),
        'usage',
      )
    }
    const said = planCohort(onFiles, cohortIntent('qa', 'v1', { stable: 'v2' }))
    assert.deepEqual(split(apply(onFiles, said), 'catalog-mesh'), ['version-v1', 'version-v2'])
  })
  it('on a cluster the one with fewer ready pods does not become stable unasked', () => {
    assert.equal(code(liveCohort({ v1: 1, v2: 5 }, 'v2')), 'usage')
    assert.equal(code(liveCohort({ v1: 5, v2: 1 }, 'v1')), 'usage')
    assert.equal(code(liveCohort({ v1: 5, v2: 1 }, 'v2')), 'none')
    assert.equal(code(liveCohort({ v1: 5, v2: 5 }, 'v1')), 'none')
  })
})

it('where routes name no version and there are three, the stable one is asked for', () => {
  assert.equal(
    code(() => planCohort(snapshot(world({ v1: 0, v2: 0, v3: 0 })), cohortIntent('qa', 'v3'))),
    'usage',
  )
})

it('where one version is recorded as stable, or a route names one, nothing is in doubt', () => {
  const weighed = apply(onFiles, planWeight(onFiles, { ...weights(['v1', 10]), stable: 'v2' }))
  assert.equal(
    code(() => planWeight(weighed, weights(['v1', 20]))),
    'none',
  )
  const named = snapshot(
    world({ v1: 0, v2: 0 }, inMesh({ route: [{ destination: { host: 'catalog', subset: 'version-v2' } }] })),
  )
  assert.equal(
    code(() => planCohort(named, cohortIntent('qa', 'v1'))),
    'none',
  )
})

it('a first route moves callers in the mesh from any version to stable, and says so', () => {
  const bare = snapshot(world({ v1: 0, v2: 0 }).filter(({ kind }) => kind !== 'VirtualService'))
  assert.deepEqual(peopleAfter(planInit(bare, { target, stable: 'v1', gateways: [], hosts: [] })), [
    'catalog: everyone: any of v1, v2 → v1',
  ])
})
