import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { judgedAmong, rulesOf } from '../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../requests.ts'

const judged = judgedAmong([namespaceObject()])

const selecting = (selector: object | undefined): KubeObject =>
  ({
    ...service(),
    spec: { ...(selector === undefined ? {} : { selector }), ports: [{ name: 'http', port: 80 }] },
  }) as KubeObject
/** A route that names no subset. */
const plain = {
  ...virtualService({}),
  spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
} as KubeObject
const workloadSets = [[workload('v1')], [workload('v1'), workload('v2')]]
const narrowed = { before: selecting({ app: 'catalog' }), after: selecting({ app: 'catalogue' }) }

describe('a Service whose selector selects no workload any more', () => {
  for (const workloads of workloadSets) {
    for (const [what, routes] of [
      ['a subset', [destinationRule(['v1']), virtualService({ v1: undefined })]],
      ['the Service', [plain]],
    ] as const) {
      it(`is refused if a route leads to ${what}, whether it took one of ${workloads.length} or the last`, () => {
        const { denials } = judged(narrowed, [narrowed.before, ...workloads, ...routes])
        assert.deepEqual(rulesOf(denials), ['subset-matches-no-workload'])
        assert.match(
          denials[0]!.message,
          /Service shop\/catalog now selects app=catalogue, before app=catalog$/,
        )
        assert.match(denials[0]!.fix, /spec\.selector: \{"app":"catalog"\}/)
      })
    }
  }
  it('is refused if the selector is removed and no EndpointSlice lists a workload', () => {
    for (const routes of [[destinationRule(['v1']), virtualService({ v1: undefined })], [plain]]) {
      const removed = { before: selecting({ app: 'catalog' }), after: selecting(undefined) }
      const { denials } = judged(removed, [removed.before, workload('v1'), ...routes])
      assert.deepEqual(rulesOf(denials), ['subset-matches-no-workload'])
      assert.match(
        denials[0]!.message,
        /Service shop\/catalog has no selector any more, before app=catalog, /,
      )
      assert.match(denials[0]!.fix, /spec\.selector: \{"app":"catalog"\}/)
    }
  })
  it('is only warned of in a dry run, where nothing ran before, and where the new workloads are at zero', () => {
    const routes = [destinationRule(['v1']), virtualService({ v1: undefined })]
    const asleep = workload('v1', { replicas: 0 })
    const other = workload('v1', { replicas: 0, labels: { app: 'catalogue', version: 'v1' } })
    for (const [input, workloads] of [
      [{ ...narrowed, dryRun: true }, [workload('v1')]],
      [narrowed, [asleep]],
      [narrowed, [workload('v1'), { ...other, metadata: { ...other.metadata, name: 'new' } }]],
    ] as const) {
      const { denials, warnings } = judged(input, [narrowed.before, ...workloads, ...routes])
      assert.deepEqual([rulesOf(denials), rulesOf(warnings)], [[], ['subset-matches-no-workload']])
    }
  })
  it('may change its selector as long as the same workloads are selected', () => {
    const before = selecting({ app: 'catalog', tier: 'web' })
    const tiered = workload('v1', { labels: { app: 'catalog', tier: 'web', version: 'v1' } })
    const routes = [destinationRule(['v1']), virtualService({ v1: undefined })]
    const verdict = judged({ before, after: selecting({ app: 'catalog' }) }, [before, tiered, ...routes])
    assert.deepEqual([verdict.denials, verdict.warnings], [[], []])
  })
})

describe('the last workload behind a Service that loses the label of the Service', () => {
  const before = workload('v1')
  const after = workload('v1', { labels: { tier: 'web', version: 'v1' } })
  it('is not said to have left the Service if it only leaves the subset', () => {
    const routes = [destinationRule(['v1']), virtualService({ v1: undefined })]
    const relabelled = workload('v1', { labels: { app: 'catalog', version: 'v2' } })
    const { denials } = judged({ before, after: relabelled }, [
      selecting({ app: 'catalog' }),
      before,
      ...routes,
    ])
    assert.match(denials[0]!.message, /the only workload of the host does not have these labels$/)
  })
  for (const [what, routes] of [
    ['a subset', [destinationRule(['v1']), virtualService({ v1: undefined })]],
    ['the Service', [plain]],
  ] as const) {
    it(`is refused if a route leads to ${what}`, () => {
      const { denials } = judged({ before, after }, [selecting({ app: 'catalog' }), before, ...routes])
      assert.deepEqual(rulesOf(denials), ['subset-matches-no-workload'])
      assert.match(denials[0]!.message, /no longer selects Deployment shop\/catalog-v1$/)
      assert.match(denials[0]!.fix, /spec\.template\.metadata\.labels\.app: catalog/)
    })
    it(`is only warned of where it sleeps, and if it is deleted, if a route leads to ${what}`, () => {
      const objects = [selecting({ app: 'catalog' }), before, ...routes]
      const asleep = workload('v1', { replicas: 0, labels: { tier: 'web', version: 'v1' } })
      for (const input of [{ before, after: asleep }, { before }]) {
        const { denials, warnings } = judged(input, objects)
        assert.deepEqual([rulesOf(denials), rulesOf(warnings)], [[], ['subset-matches-no-workload']])
      }
    })
  }
})
