import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../properties.ts'
import { apiKindOf, kinds, resources } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { introduced, lintView } from '../../shared/rules/introduced.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { anyObject, world } from './worlds.ts'

const settings = { complete: true, relativeWeights: false }
const judge = { rules: catalogue, settings }

/** Anything that YAML can hold where something else belongs. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    'x',
    '*',
    '.',
    '/',
    [],
    {},
    [null],
    ['x'],
    [[]],
    [{}],
    { name: null },
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/** The object with one value somewhere in it replaced. */
const spoiled = (object: KubeObject): fc.Arbitrary<KubeObject> => {
  const places = pathsIn({
    spec: Reflect.get(object, 'spec'),
    labels: object.metadata.labels,
    annotations: object.metadata.annotations,
    ownerReferences: object.metadata.ownerReferences,
  })
  return fc.tuple(fc.constantFrom(...places), junk).map(([place, value]) => {
    const copy = structuredClone(object) as unknown as Record<string, unknown>
    const path = place[0] === 'spec' ? place : ['metadata', ...place]
    let at: Record<string | number, unknown> = copy
    for (const step of path.slice(0, -1)) {
      if (typeof at[step] !== 'object' || at[step] === null) at[step] = {}
      at = at[step] as Record<string | number, unknown>
    }
    at[path.at(-1)!] = value
    return copy as unknown as KubeObject
  })
}

function pathsIn(value: unknown): readonly (string | number)[][] {
  if (typeof value !== 'object' || value === null) return []
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value)
  return entries.flatMap(([key, below]) => [[key], ...pathsIn(below).map(path => [key, ...path])])
}

const kindless = fc
  .record({
    kind: fc.constantFrom(...kinds.filter(kind => kind !== 'OtherWorkload')),
    spec: junk,
    labels: junk,
    status: junk,
  })
  .map(
    ({ kind, spec, labels, status }) =>
      ({
        apiVersion: [resources[kind].group, resources[kind].versions[0]].filter(Boolean).join('/'),
        kind: apiKindOf(kind),
        metadata: { name: 'x', namespace: 'a', labels },
        spec,
        status,
      }) as unknown as KubeObject,
  )

const runs = Number(process.env['FC_RUNS'] ?? 300)

describe('rules and objects that nobody has checked', () => {
  it('never fail, whatever stands anywhere in them', () => {
    fc.assert(
      fc.property(world, fc.oneof(anyObject.chain(spoiled), kindless), (objects, after) => {
        const findings = lintView(judge, snapshot([...objects, after]))
        assert.ok(
          findings.every(
            ({ message, about, path, fix }) =>
              message !== '' && typeof about === 'string' && Array.isArray(path) && fix !== '',
          ),
        )
        introduced(judge, snapshot(objects), [{ after }])
      }),
      { numRuns: runs },
    )
  })

  it('find the same twice', () => {
    fc.assert(
      fc.property(world, objects => {
        assert.deepEqual(lintView(judge, snapshot(objects)), lintView(judge, snapshot(objects)))
      }),
      { numRuns: Math.min(runs, 100) },
    )
  })
})
