import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { paintOf } from '../../../plugin/print/colour.ts'
import { formatUntil } from '../../../plugin/print/services/span.ts'
import type { ServiceStatus } from '../../../plugin/print/services/service-status.ts'
import { formatTraffic } from '../../../plugin/print/services/traffic.ts'
import { formatEntryPoint, peopleOf } from '../../../plugin/print/people.ts'
import type { CohortRoute, EntryPoint } from '../../../shared/routing/traffic.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { statusInWords } from './status-in-words.ts'

const cohort: CohortRoute = { name: 'internal', to: 'v2', conditions: [], reached: true, uncovered: [] }
const all = (version: string, more = {}) => ({
  takes: '',
  shares: [{ version, percent: 100, ...more }],
  reached: true,
})
const entryPoint = (more: Partial<EntryPoint> = {}, name = 'web'): EntryPoint => ({
  ref: { kind: 'VirtualService', namespace: 'shop', name },
  hosts: ['web'],
  gateways: ['mesh'],
  cohorts: [],
  splits: [all('v1')],
  mirrors: [],
  ...more,
})
const status = (...entryPoints: readonly EntryPoint[]): ServiceStatus => ({
  service: 'web',
  namespace: 'shop',
  notes: [],
  findings: [],
  versions: [{ name: 'v1' }, { name: 'v2' }],
  entryPoints,
})
const now = new Date('2026-01-01T00:00:00Z')
const show = (shown: ServiceStatus): string =>
  formatTraffic([shown], { paint: paintOf(false), wide: false, live: false, now })
const rows = (shown: ServiceStatus): readonly string[] =>
  show(shown)
    .split('\n')
    .filter(line => /^ {2}v\d/.test(line))
    .map(line => line.trim().replaceAll(/ +/g, ' '))
const idle = { rule: 'unknown-gateway', reason: 'there is no Gateway shop/gw' }

test('names the rule that explains a route that no request reaches, as it is called for the kind of its object', () => {
  for (const [kind, rule] of [
    ['VirtualService', ' (unreachable-route)'],
    ['HTTPRoute', ' (unreachable-match)'],
    ['GRPCRoute', ' (unreachable-match)'],
    ['ApisixRoute', ''],
  ] as const) {
    const ref = { kind, namespace: 'shop', name: 'web' }
    const said = show(status(entryPoint({ ref, splits: [{ ...all('v1'), reached: false }] })))
    assert.ok(`${said}\n`.includes(`→ no request reaches this route${rule}\n`), said)
    if (rule !== '') assert.ok(catalogue.some(({ id }) => ` (${id})` === rule))
  }
})

describe('a status', () => {
  it('counts no share of a route that takes no requests, or whose requests are not answered', () => {
    assert.deepEqual(rows(status(entryPoint({ splits: [all('v1'), { ...all('v2'), reached: false }] }))), [
      'v1 100.0 % -',
      'v2 0.0 % -',
    ])
    assert.deepEqual(rows(status(entryPoint(), entryPoint({ splits: [all('v2')], idle }))), [
      'v1 100.0 % -',
      'v2 0.0 % -',
    ])
    const broken = {
      takes: '',
      shares: [
        { version: 'v1', percent: 90 },
        { version: 'v2', percent: 10, fault: 'undefined-subset' },
      ],
      reached: true,
    }
    assert.deepEqual(rows(status(entryPoint({ splits: [broken] }))), ['v1 90.0 % -', 'v2 0.0 % -'])
    assert.match(
      statusInWords(show(status(entryPoint({ splits: [broken] })))),
      /everyone → v1 90 %, v2 10 % {2}\(503, undefined-subset\)/,
    )
  })
  it('says why an entry point takes no requests, and which route none reaches', () => {
    assert.match(
      show(status(entryPoint({ idle }))),
      /web on mesh\n +takes no requests: there is no Gateway shop\/gw \(unknown-gateway\)/,
    )
    assert.match(
      show(status(entryPoint({ splits: [all('v1'), { ...all('v2'), reached: false }] }))),
      /no request reaches this route \(unreachable-route\)/,
    )
  })
  it('shows a cohort that no request reaches, and counts it for no version', () => {
    const unreached = status(entryPoint({ cohorts: [{ ...cohort, reached: false }] }))
    assert.match(show(unreached), /cohort internal → v2 \(no request reaches this route\)/)
    assert.match(show(unreached), /everyone +→ v1/)
    assert.doesNotMatch(show(unreached), /everyone else/)
    assert.deepEqual(rows(unreached), ['v1 100.0 % -', 'v2 0.0 % -'])
    assert.deepEqual(rows(status(entryPoint({ cohorts: [cohort] }))), ['v1 100.0 % -', 'v2 0.0 % internal'])
  })
})

describe('a status of versions and cohorts', () => {
  it('names the callers for whom a version is none', () => {
    const text = show({
      ...status(entryPoint()),
      versions: [{ name: 'v1' }, { name: 'v2', unseenBy: ['web', 'edge'] }],
    })
    assert.match(text, /v2 does not exist for callers in web and edge/)
  })
  it('shows no share where all routes lead to other Services, and names objects of one heading', () => {
    assert.deepEqual(rows(status(entryPoint({ splits: [all('primary')] }))), ['v1 - -', 'v2 - -'])
    assert.match(show(status(entryPoint(), entryPoint({}, 'other'))), /web on mesh {2}\S+\/other -n shop/)
    assert.doesNotMatch(show(status(entryPoint())), /-n shop/)
  })
  it('counts any version for a route that names none beside others', () => {
    const some = {
      takes: '',
      shares: [
        { version: 'v1', percent: 50 },
        { version: 'any of v1, v2', percent: 50 },
      ],
      reached: true,
    }
    assert.deepEqual(rows(status(entryPoint({ splits: [some] }))), ['v1 any -', 'v2 any -'])
  })
  it('says how long a cohort is to last, and since when it should have ended', () => {
    assert.equal(formatUntil('2026-01-01T00:10:00Z', now), 'for 10m more')
    assert.equal(formatUntil('2025-12-31T23:50:00Z', now), 'ended 10m ago')
  })
})

describe('what people get by a plan', () => {
  const people = (...entryPoints: readonly EntryPoint[]) => peopleOf(status(...entryPoints))
  it('leaves out what takes no requests', () => {
    assert.deepEqual(people(entryPoint(), entryPoint({ splits: [all('v2')], idle })), ['web: everyone → v1'])
    assert.deepEqual(people(entryPoint({ idle })), [])
    const unreached = entryPoint({
      splits: [all('v1'), { ...all('v2'), reached: false }],
      cohorts: [{ ...cohort, reached: false }],
    })
    assert.equal(formatEntryPoint(unreached), 'everyone → v1')
  })
  it('names mirrors after the shares', () => {
    assert.equal(
      formatEntryPoint(entryPoint({ mirrors: [{ version: 'v2', percent: 25, byHand: true }] })),
      'everyone → v1; 25 % mirrored to v2',
    )
  })
  it('says whose requests are answered with 503', () => {
    assert.equal(
      formatEntryPoint(entryPoint({ splits: [all('v9', { fault: 'undefined-subset' })] })),
      'everyone → v9 (503, undefined-subset)',
    )
    const failsFor = { callers: ['web'], rule: 'subset-hidden-from-clients' }
    assert.equal(
      formatEntryPoint(entryPoint({ splits: [all('v2', { failsFor })] })),
      'everyone → v2 (503 for callers in web, subset-hidden-from-clients)',
    )
  })
})
