import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { changedBetween, trafficPrint } from '../../shared/rollout/traffic-print.ts'
import type { EntryPoint, Traffic } from '../../shared/routing/traffic.ts'

const refTo = (name: string) => ({ kind: 'VirtualService', namespace: 'shop', name }) as const

const point = (name: string, fields: Partial<EntryPoint> = {}): EntryPoint => ({
  ref: refTo(name),
  hosts: ['catalog'],
  gateways: ['mesh'],
  cohorts: [
    {
      name: 'staff',
      to: 'v2',
      conditions: [{ on: 'cookie', name: 'staff', value: 'yes' }],
      reached: true,
      uncovered: [],
    },
  ],
  splits: [
    {
      takes: '',
      shares: [
        { version: 'v1', percent: 90 },
        { version: 'v2', percent: 10 },
      ],
      reached: true,
    },
  ],
  mirrors: [{ version: 'v3', percent: 25, byHand: false }],
  ...fields,
})

const trafficOf = (...entryPoints: readonly EntryPoint[]): Traffic => ({
  service: 'catalog',
  namespace: 'shop',
  versions: [],
  entryPoints,
  notes: [],
})

const printOf = (...points: readonly EntryPoint[]): string => trafficPrint(trafficOf(...points))
const base = point('catalog')
const [cohort] = base.cohorts
const [split] = base.splits

/** What each is that makes other routes of the base. */
const others: readonly Partial<EntryPoint>[] = [
  { splits: [{ ...split!, takes: '/items' }] },
  {
    splits: [
      {
        ...split!,
        shares: [
          { version: 'v1', percent: 90 },
          { version: 'v3', percent: 10 },
        ],
      },
    ],
  },
  {
    splits: [
      {
        ...split!,
        shares: [
          { version: 'v1', percent: 80 },
          { version: 'v2', percent: 20 },
        ],
      },
    ],
  },
  { cohorts: [] },
  { cohorts: [{ ...cohort!, name: 'beta' }] },
  { cohorts: [{ ...cohort!, to: 'v1' }] },
  { cohorts: [{ ...cohort!, conditions: [] }] },
  { cohorts: [{ ...cohort!, shares: [{ version: 'v2', percent: 50 }] }] },
  { mirrors: [] },
  { mirrors: [{ ...base.mirrors[0]!, version: 'v2' }] },
  { mirrors: [{ ...base.mirrors[0]!, percent: 50 }] },
  { preview: 'v2' },
  {
    asked: [
      ['v1', 9],
      ['v2', 1],
    ],
  },
]

describe('the print of routes', () => {
  test('differs where anybody gets another version, another share or another copy', () => {
    const prints = [base, ...others.map(other => point('catalog', other))].map(each => printOf(each))
    assert.equal(new Set(prints).size, prints.length)
    const shares = [10, 50].map(percent => [{ version: 'v2', percent }])
    const halves = shares.map(each => printOf(point('catalog', { cohorts: [{ ...cohort!, shares: each }] })))
    assert.notEqual(halves[0], halves[1])
  })

  test('is the same whatever the order in which objects are read, and whatever a reading says beside the routes', () => {
    const other = point('api')
    assert.equal(printOf(base, other), printOf(other, base))
    const failing = {
      ...split!,
      reached: false,
      shares: split!.shares.map(each => ({ ...each, fault: 'no-endpoints' })),
    }
    assert.equal(printOf(base), printOf(point('catalog', { splits: [failing], owner: 'Canary' })))
  })

  test('rests on the pods that are asked for where shares follow from pods, not on those that are ready', () => {
    const asked = [
      ['v1', 9],
      ['v2', 1],
    ] as const
    const starting = { ...split!, shares: [{ version: 'v1', percent: 100 }] }
    assert.equal(
      printOf(point('catalog', { asked })),
      printOf(point('catalog', { asked, splits: [starting] })),
    )
  })
})

test('the objects whose routes differ are those that changed, came or went', () => {
  const before = printOf(base, point('api'), point('old'))
  const after = printOf(point('catalog', { mirrors: [] }), point('api'), point('fresh'))
  const changed = changedBetween(before, after)
  assert.deepEqual(changed, changed.toSorted())
  assert.deepEqual(
    changed.map(key => /\w+$/.exec(key)![0]),
    ['catalog', 'fresh', 'old'],
  )
})
