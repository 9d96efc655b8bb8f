import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { expiredCohort } from '../../../shared/rules/cohorts/expired-cohort.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { RuleSettings } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { MemoryStore, readExample } from '../../plugin/memory-store.ts'
import { runCommand, words } from '../../plugin/run-command.ts'

const untils = { early: '2026-08-01T11:59:59Z', late: '2026-08-01T12:00:01Z', spoilt: 'soon' }
const now = Date.parse('2026-08-01T12:00:00Z')

const routes = (cohorts: readonly object[], namespace = 'shop'): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      name: 'catalog',
      namespace,
      annotations: { 'kubectl-canary/cohorts': JSON.stringify({ cohorts }) },
    },
    spec: {
      hosts: ['catalog'],
      http: [
        { route: [{ destination: { host: 'catalog.shop.svc.cluster.local' } }] },
        { match: [{ uri: { prefix: '/api' } }], route: [{ destination: { host: 'api.example' } }] },
      ],
    },
  }) as KubeObject
const cohort = (name: string, until?: string, service = 'catalog.shop') => ({
  service,
  name,
  to: 'v2',
  routes: [name],
  ...(until === undefined ? {} : { until }),
})
const judged = (objects: readonly KubeObject[], settings: Partial<RuleSettings> = { now }) =>
  lintView(
    { rules: [expiredCohort], settings: { complete: true, relativeWeights: false, ...settings } },
    snapshot(objects),
  )

describe('a cohort whose time is over', () => {
  it('is found, and no other', () => {
    const cohorts = [...Object.entries(untils).map(([name, until]) => cohort(name, until)), cohort('endless')]
    assert.deepEqual(
      judged([routes(cohorts)]).map(({ about, severity }) => [about, severity]),
      [['catalog.shop early', { webhook: 'warning', lint: 'warning' }]],
    )
  })
  it('is not known without the time', () =>
    assert.deepEqual(judged([routes([cohort('early', untils.early)])], {}), []))
  it('is removed by a command that names the namespace of the Service, or the host of a ServiceEntry', () => {
    const fixes = judged([
      routes([cohort('early', untils.early), cohort('outside', untils.early, 'api.example')], 'gateways'),
    ]).map(({ fix }) => fix)
    assert.deepEqual(fixes, [
      'kubectl canary cohort early catalog --remove -n shop',
      'kubectl canary cohort outside api.example. --remove -n gateways',
    ])
  })
})

it('the command that removes an expired cohort works, and leaves nothing to find', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const made = await runCommand(words('cohort internal --to v2 --stable v1 --until 1h'), { store })
  assert.equal(made.code, 0, made.stderr)
  const later = { now: now + 2 * 3_600_000 }
  // Two VirtualServices lead to the Service.
  const commands = [...new Set(judged(store.objects, later).map(({ fix }) => fix))]
  assert.deepEqual(commands, ['kubectl canary cohort internal catalog --remove -n istioinaction'])
  const { code, stderr } = await runCommand(words(commands[0]!).slice(2), { store })
  assert.equal(code, 0, stderr)
  assert.deepEqual(judged(store.objects, later), [])
})
