import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { rememberingJudgements } from '../../../webhook/cache/remembered-judgements.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { reviewJudges } from '../../../webhook/run/judge-by.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'

const end = '2026-08-03T12:00:00Z'
const record = JSON.stringify({
  cohorts: [
    {
      service: 'catalog.shop',
      name: 'internal',
      to: 'v2',
      routes: ['canary-catalog-internal-1'],
      until: end,
    },
  ],
})
/** A route with a cohort that ends, and the weights of everyone else. */
const route = (v1: number, annotations: object = { 'kubectl-canary/cohorts': record }): KubeObject => {
  const { spec, ...rest } = virtualService({ v1, v2: 100 - v1 }, { annotations }) as KubeObject & {
    readonly spec: { readonly http: readonly object[] }
  }
  const own = {
    name: 'canary-catalog-internal-1',
    match: [{ headers: { 'x-istio-cohort': { exact: 'internal' } } }],
    route: [{ destination: { host: 'catalog', subset: 'v2' } }],
  }
  return { ...rest, spec: { ...spec, http: [own, ...spec.http] } } as KubeObject
}
const world = [namespaceObject(), service(), destinationRule(['v1', 'v2']), workload('v1'), workload('v2')]

/** Reviews edits one after the other, as the guard does: it remembers judgements. */
function guard(objects: readonly KubeObject[]): (input: ReviewInput) => Verdict {
  const judgeOf = reviewJudges(guardedRules)
  const judgeChange = rememberingJudgements()
  const view = snapshot(objects)
  return input =>
    review(requestFor(input), { view, judge: judgeOf(defaultConfig), settings: defaultConfig, judgeChange })
}
const expired = ({ denials, warnings }: Verdict): readonly string[] => [
  ...denials.map(({ rule }) => `denied ${rule}`),
  ...warnings.filter(({ rule }) => rule === 'expired-cohort').map(({ message }) => message),
]
const said = [`cohort internal of catalog.shop ended at ${end}, but its requests still go to v2`]

test('an edit that leaves an expired cohort is admitted with a warning, also where only weights change', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-08-03T11:59:00Z') })
  const reviewed = guard([...world, route(90)])
  const [step, next] = [
    { before: route(90), after: route(80) },
    { before: route(80), after: route(70) },
  ]
  assert.deepEqual([expired(reviewed(step)), expired(reviewed(next))], [[], []])
  t.mock.timers.setTime(Date.parse('2026-08-03T12:01:00Z'))
  assert.deepEqual([expired(reviewed(step)), expired(reviewed(next))], [said, said])
})

test('an edit that brings an expired cohort back is warned of, and one that removes it is not', t => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-08-04T00:00:00Z') })
  const bare = virtualService({ v1: 90, v2: 10 })
  assert.deepEqual(expired(guard(world)({ after: route(90) })), said)
  assert.deepEqual(expired(guard([...world, bare])({ before: bare, after: route(90) })), said)
  assert.deepEqual(expired(guard([...world, route(90)])({ before: route(90), after: bare })), [])
  assert.deepEqual(expired(guard([...world, route(90)])({ before: route(90) })), [])
})
