import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { fc } from '../properties.ts'
import { reportsOn } from './reports.ts'
import { budget, optingOut, peer, scaler, world } from './worlds.ts'

const base = world(
  { v2: optingOut },
  budget('minAvailable: 3'),
  scaler('catalog'),
  peer('mtls: {mode: STRICT}'),
)

type Place = readonly [number, ...(string | number)[]]

/** Every field of a spec, by the object's number and the path. */
const placesIn = (value: unknown, path: Place): readonly Place[] =>
  typeof value !== 'object' || value === null
    ? [path]
    : [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))]

const places = base.flatMap((object, i) => placesIn(Reflect.get(object, 'spec'), [i, 'spec']))

/** Anything else than null, which readers take out of routing objects. */
const junk = fc.constantFrom<unknown>(0, -1, true, '', 'x', [], {}, ['x'], [0], { a: 'b' })

function spoiled([i, ...path]: Place, value: unknown): readonly KubeObject[] {
  const copy = structuredClone(base) as KubeObject[]
  let at = copy[i] as unknown as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>
  at[path.at(-1)!] = value
  return copy
}

test('whatever a field holds, there is a report: files were checked by nobody', () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), junk, fc.boolean(), (place, value, live) => {
      const objects = spoiled(place, value)
      for (const service of [undefined, 'catalog'])
        assert.ok(reportsOn(objects, { live, ...(service === undefined ? {} : { service }) }).length > 0)
    }),
    { numRuns: 300 },
  )
})
