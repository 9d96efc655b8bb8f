import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../properties.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { identityOf } from '../../shared/rules/findings.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { meshOf, objectsIn, scenarios } from '../providers/istio/resolve/corpus.ts'
import { world } from './worlds.ts'

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const runs = Number(process.env['FC_RUNS'] ?? 200)

/** Every finding as what it is, without its words and its place. */
const findings = (objects: readonly KubeObject[], mesh = snapshot([]).mesh): readonly string[] =>
  lintView(judge, snapshot(objects, { mesh }))
    .map(finding => `${finding.rule} ${finding.severity.lint} ${identityOf(finding)}`)
    .toSorted()

/** The value with every text in it changed. */
function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (typeof value !== 'object' || value === null) return value
  return (
    Array.isArray(value)
      ? value.map(item => mapTexts<unknown>(item, change))
      : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts<unknown>(item, change)]))
  ) as T
}

/** Namespaces a and b called c and d, wherever they are named: alone, in a host, before a slash. */
const renamed = (text: string): string =>
  text.replace(
    /(^|[./ ])([ab])(?=$|[./{=:, ])/g,
    (_, before: string, name: string) => `${before}${name === 'a' ? 'c' : 'd'}`,
  )

/** Short names written out, in routes and rules. */
function spelledOut(object: KubeObject): KubeObject {
  if (object.kind !== 'VirtualService' && object.kind !== 'DestinationRule') return object
  const { namespace } = object.metadata
  const expand = (host: unknown): unknown =>
    typeof host === 'string' && /^[a-z]+$/i.test(host) ? `${host}.${namespace}.svc.cluster.local` : host
  const walk = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(walk)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === 'host'
          ? expand(item)
          : key === 'hosts' && Array.isArray(item)
            ? item.map(expand)
            : walk(item),
      ]),
    )
  }
  return walk(object) as KubeObject
}

const unrelated: readonly KubeObject[] = scenarios
  .slice(0, 1)
  .flatMap(({ file }) => objectsIn(file))
  .map(object =>
    mapTexts(object, text => text.replaceAll('default', 'elsewhere').replaceAll('reviews', 'unrelated')),
  )

type Variant = (objects: readonly KubeObject[]) => readonly KubeObject[]

/** Both variants of every scenario have the same findings. */
function assertSameInScenarios(one: Variant, other: Variant): void {
  for (const scenario of scenarios) {
    const [objects, mesh] = [objectsIn(scenario.file), meshOf(scenario)]
    assert.deepEqual(findings(one(objects), mesh), findings(other(objects), mesh), scenario.file)
  }
}

const dated: Variant = objects =>
  objects.map(object => ({
    ...object,
    metadata: { creationTimestamp: '2024-01-01T00:00:00Z', ...object.metadata },
  }))

describe('findings are the same', () => {
  it('when namespaces are called otherwise', () => {
    fc.assert(
      fc.property(world, objects => {
        assert.deepEqual(
          withoutPlaces(objects.map(object => mapTexts(object, renamed))),
          withoutPlaces(objects).map(renamed).toSorted(),
        )
      }),
      { numRuns: runs },
    )
  })

  it('in whatever order the documents stand, where creation times tell them apart', () => {
    fc.assert(
      fc.property(world, objects => assert.deepEqual(findings(objects.toReversed()), findings(objects))),
      { numRuns: runs },
    )
    assertSameInScenarios(objects => dated(objects).toReversed(), dated)
  })

  it('when hosts are written out', () => {
    fc.assert(
      fc.property(world, objects =>
        assert.deepEqual(withoutPlaces(objects.map(spelledOut)), withoutPlaces(objects)),
      ),
      { numRuns: runs },
    )
    assertSameInScenarios(
      objects => objects.map(spelledOut),
      objects => objects,
    )
  })

  it('when objects stand by that have nothing to do with them', () => {
    for (const scenario of scenarios)
      assert.deepEqual(
        findings([...objectsIn(scenario.file), ...unrelated], meshOf(scenario)).filter(
          text => !text.includes('elsewhere'),
        ),
        findings(objectsIn(scenario.file), meshOf(scenario)),
        scenario.file,
      )
  })
})

/** What Istio refuses is about the text itself; there a host written out may well be another fault. */
const withoutPlaces = (objects: readonly KubeObject[]): readonly string[] =>
  findings(objects).filter(text => !text.startsWith('istio-rejects'))
