import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileWordsOf } from '../../../plugin/flags/argv.ts'
import { formatNote, formatNotes } from '../../../plugin/print/notes.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent, target, weights } from '../intents.ts'
import { catalog, deployment, destinationRule, inMesh, service, toSubset } from '../worlds.ts'

const abort = (view: ClusterView, more: object = {}): Plan =>
  planAbort(view, { target: { ...target, command: 'abort', ...more } })
const said = ({ notes }: Plan): readonly string[] => notes.map(formatNote)
const start = snapshot(catalog())
const three = (route = toSubset('version-v2')): ClusterView =>
  snapshot([
    service(),
    ...['v1', 'v2', 'v3'].map(version =>
      deployment(`catalog-${version}`, { app: 'catalog', version }, version === 'v1' ? 0 : 1),
    ),
    destinationRule('v1', 'v2', 'v3'),
    inMesh(route),
  ])

describe('an abort where no canary is under way', () => {
  it('changes nothing, and says what is stable and how to go back to an earlier version', () => {
    const plan = abort(apply(start, planPromote(start, { target, version: 'v2', force: false })))
    assert.deepEqual(plan.changes, [])
    assert.deepEqual(said(plan), [
      'Nothing to abort: no canary of catalog is under way, v2 is stable. To go back to another version: kubectl canary promote catalog v1 -n istioinaction',
    ])
  })
  it('repeats the files that were named', () => {
    const [note] = formatNotes(abort(three()).notes, fileWordsOf({ files: ['k8s/', 'my files'] }))
    assert.match(note ?? '', /promote catalog v1 -n istioinaction -f k8s\/ -f 'my files'$/)
  })
  it('offers no version whose promotion would be refused, and none that came later', () => {
    // v1 has no ready pods; v3 came later.
    assert.deepEqual(said(abort(three(), { live: true })), [
      'Nothing to abort: no canary of catalog is under way, v2 is stable.',
    ])
    assert.deepEqual(said(abort(three(toSubset('version-v1')), { live: true })), [
      'Nothing to abort: no canary of catalog is under way, v1 is stable.',
    ])
    const unready = snapshot([
      ...catalog().filter(({ metadata }) => !['catalog-v2', 'catalog-vs-from-gw'].includes(metadata.name)),
      deployment('catalog-v2', { app: 'catalog', version: 'v2' }, 0),
    ])
    assert.deepEqual(said(abort(unready, { live: true })), [
      'Nothing to abort: no canary of catalog is under way, v1 is stable.',
    ])
  })
  it('says that no version is stable where routes name none', () => {
    const plan = abort(three({ route: [{ destination: { host: 'catalog' } }] }))
    assert.deepEqual(plan.changes, [])
    assert.deepEqual(said(plan), ['Nothing to abort: no canary of catalog is under way.'])
  })
  it('is one after the canary was aborted, too', () => {
    const aborted = apply(
      apply(start, planWeight(start, weights(['v2', 10]))),
      abort(apply(start, planWeight(start, weights(['v2', 10])))),
    )
    assert.deepEqual(abort(aborted).changes, [])
    assert.match(said(abort(aborted)).join(), /^Nothing to abort/)
  })
})

describe('an abort of a canary', () => {
  it('names the cohorts that end and those to the stable version, which stay', () => {
    const both = apply(start, planCohort(start, cohortIntent('internal', 'v2')))
    const during = apply(both, planCohort(both, cohortIntent('safe', 'v1')))
    const plan = abort(during)
    assert.deepEqual(said(plan), ['Cohort internal to v2 is removed.', 'Cohort safe still goes to v1.'])
    assert.deepEqual(
      said(abort(apply(during, plan)))
        .slice(0, 1)
        .map(text => text.slice(0, 16)),
      ['Nothing to abort'],
    )
  })
  it('still asks where routes share requests between versions and none is recorded', () => {
    const shared = three({
      route: ['v1', 'v2'].map(version => ({
        destination: { host: 'catalog', subset: `version-${version}` },
        weight: 50,
      })),
    })
    assert.throws(() => abort(shared), /v1 and v2 both receive traffic; pass --stable/)
  })
})

describe('a route for some senders at an abort', () => {
  const gold = (subset: string) => ({
    match: [{ headers: { 'x-tier': { exact: 'gold' } } }],
    ...toSubset(subset),
  })
  const movedBy = (subset: string, { percent = 10, isAlone = false } = {}): readonly string[] => {
    const view = snapshot([
      service(),
      ...['v1', 'v2'].map(version => deployment(`catalog-${version}`, { app: 'catalog', version }, 1)),
      destinationRule('v1', 'v2'),
      inMesh(gold(subset), ...(isAlone ? [] : [toSubset('version-v1')])),
    ])
    const { notes } = abort(apply(view, planWeight(view, weights(['v2', percent]))))
    return notes.flatMap(note => (note.kind === 'route-moved' ? [note.place] : []))
  }
  it('is told to move where it was for another version, and not where the canary divided it', () => {
    assert.deepEqual(movedBy('version-v2'), ['spec.http[0]'])
    for (const isAlone of [false, true])
      for (const percent of [10, 100]) assert.deepEqual(movedBy('version-v1', { percent, isAlone }), [])
  })
})
