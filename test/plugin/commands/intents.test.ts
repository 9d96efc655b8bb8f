import assert from 'node:assert/strict'
import test from 'node:test'
import { abortIntentOf } from '../../../plugin/commands/abort.ts'
import { cohortIntentOf, type CohortFlags } from '../../../plugin/commands/cohort/cohort-intent.ts'
import { initIntentOf } from '../../../plugin/commands/init.ts'
import { promoteIntentOf } from '../../../plugin/commands/promote.ts'
import { weightIntentOf } from '../../../plugin/commands/weight.ts'

const now = new Date('2026-08-01T12:00:00Z')
const cohort = (flags: Partial<CohortFlags>, name = 'beta') =>
  cohortIntentOf(name, { force: false, ...flags }, now)
const usage = { code: 'usage' }

test('a cohort has a version, conditions and an end', async () => {
  assert.deepEqual(await cohort({ to: 'v2', cookie: ['beta=yes'], until: '2d' }), {
    kind: 'set-cohort',
    name: 'beta',
    to: 'v2',
    conditions: [{ on: 'cookie', name: 'beta', value: 'yes' }],
    since: '2026-08-01T12:00:00Z',
    until: '2026-08-03T12:00:00Z',
    force: false,
  })
})

test('the conditions of a cohort are in the order of their kinds, beside everything else that was typed', async () => {
  const flags = {
    to: 'v2',
    sourceLabel: ['app=web'],
    header: ['X-Team:regex=qa|dev', 'x-any'],
    query: ['beta:prefix=1'],
    reason: 'the new search',
    service: 'catalog.shop',
    stable: 'v1',
    force: true,
  }
  assert.deepEqual(await cohort(flags), {
    kind: 'set-cohort',
    name: 'beta',
    to: 'v2',
    conditions: [
      { on: 'header', name: 'x-team', match: { regex: 'qa|dev' } },
      { on: 'header', name: 'x-any', match: {} },
      { on: 'query', name: 'beta', match: { prefix: '1' } },
      { on: 'source-label', name: 'app', value: 'web' },
    ],
    since: '2026-08-01T12:00:00Z',
    reason: 'the new search',
    service: 'catalog.shop',
    stable: 'v1',
    force: true,
  })
})

test('a cohort without conditions has none in its intent, so that an existing one keeps its own', async () => {
  assert.deepEqual(await cohort({ to: 'v2' }), {
    kind: 'set-cohort',
    name: 'beta',
    to: 'v2',
    conditions: [],
    since: '2026-08-01T12:00:00Z',
    force: false,
  })
})

test('--remove means the removal of a cohort, and takes no other flag of it', async () => {
  assert.deepEqual(await cohort({ remove: true, service: 'catalog' }), {
    kind: 'remove-cohort',
    name: 'beta',
    service: 'catalog',
  })
  await assert.rejects(cohort({ remove: true, sourceLabel: ['app=web'] }), {
    ...usage,
    message: '--source-label cannot be used with --remove',
  })
})

test('words of a cohort that do not fit together are usage errors', async () => {
  for (const flags of [{}, { to: 'v2', until: 'soon' }, { to: 'v2', header: ['x:regex=('] }])
    await assert.rejects(cohort(flags), usage)
  await assert.rejects(cohort({ to: 'v2' }, 'Beta'), usage)
})

test('weights are by version, whether in one word or in several', () => {
  for (const words of [['v2=10,v3=5'], ['v2=10', 'v3=5']])
    assert.deepEqual(weightIntentOf(words, { force: false, stable: 'v1' }, now), {
      kind: 'set-weights',
      weights: new Map([
        ['v2', 10],
        ['v3', 5],
      ]),
      stable: 'v1',
      force: false,
    })
  assert.throws(() => weightIntentOf(['v2=70', 'v3=40'], { force: false }, now), usage)
})

test('a promotion names its version', () => {
  assert.deepEqual(promoteIntentOf('v2', { force: true, service: 'catalog' }), {
    kind: 'promote',
    version: 'v2',
    service: 'catalog',
    force: true,
  })
  assert.throws(() => promoteIntentOf('--forse', { force: false }), usage)
})

test('an abort names the stable version where one is typed', () => {
  assert.deepEqual(abortIntentOf({}), { kind: 'abort' })
  assert.deepEqual(abortIntentOf({ service: 'catalog', stable: 'v1' }), {
    kind: 'abort',
    service: 'catalog',
    stable: 'v1',
  })
})

test('an init has the gateways and their hosts', () => {
  const flags = { stable: 'v1', gateway: ['shop/public'], host: ['shop.example.com'], force: false }
  assert.deepEqual(initIntentOf({ ...flags, service: 'catalog' }), {
    kind: 'init',
    service: 'catalog',
    stable: 'v1',
    gateways: ['shop/public'],
    hosts: ['shop.example.com'],
    force: false,
  })
  assert.throws(() => initIntentOf({ ...flags, host: [] }), usage)
  assert.throws(() => initIntentOf({ ...flags, stable: 'v 1' }), usage)
})
