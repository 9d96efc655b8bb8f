/**
 * The definitions of Kubernetes' own types in the chart's values.schema.json, from the OpenAPI document of the pinned Kubernetes module
 * (test/cluster/tools/kubernetes/go.mod): `npm run schemas` writes them. A type is taken in by a reference such as `#/definitions/Toleration`.
 * They stand last in the file and begin with a capital; all else is written by hand.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go } from '../../cluster/assets.ts'
import { chart } from '../helm.ts'
import { layOut } from './lay-out.ts'
import type { ChartSchema } from './values-at.ts'

export const schemaFile = join(chart, 'values.schema.json')

const groups = [
  'io.k8s.api.core.v1.',
  'io.k8s.api.apps.v1.',
  'io.k8s.api.networking.v1.',
  'io.k8s.apimachinery.pkg.apis.meta.v1.',
]
/** Types that are taken otherwise than the document says: numbers may be written as such, and of the metadata in a pod only two fields count. */
const takenAs: Readonly<Record<string, ChartSchema>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': {
    type: 'object',
    additionalProperties: false,
    properties: { labels: { $ref: '#/definitions/strings' }, annotations: { $ref: '#/definitions/strings' } },
  },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string'] },
}

/** Types of which a null unsets a key; Helm drops it itself, but not where the chart is a dependency of another. */
const unsettable: ReadonlySet<string> = new Set(['PodSecurityContext', 'SecurityContext'])

const withNulls = (definition: ChartSchema): ChartSchema => ({
  ...definition,
  properties: Object.fromEntries(
    Object.entries(definition.properties ?? {}).map(([name, part]) => [
      name,
      part.type === undefined
        ? { anyOf: [part, { type: 'null' }] }
        : { ...part, type: [part.type, 'null'].flat() },
    ]),
  ),
})

/** The text of the chart's schema with the definitions of exactly those Kubernetes types that it refers to. Needs Go, or its cache. */
export async function withKubernetesDefinitions(text: string): Promise<string> {
  const [byHand] = text.split(firstGenerated) as [string]
  const all = await readDefinitions()
  const taken = new Map<string, ChartSchema>()
  const take = (part: string): void => {
    for (const name of kubernetesTypesIn(part)) {
      if (taken.has(name)) continue
      const id = groups.map(group => group + name).find(known => Object.hasOwn(all, known))
      if (id === undefined) throw new Error(`Kubernetes has no type ${name}`)
      const definition = unsettable.has(name) ? withNulls(closed(all[id]!)) : closed(all[id]!)
      taken.set(name, definition)
      take(JSON.stringify(definition))
    }
  }
  take(byHand)
  const sorted = [...taken].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${byHand}${sorted.map(([name, definition]) => `    "${name}": ${layOut(definition, '    ')}`).join(',\n')}\n  }\n}\n`
}

const firstGenerated = /^ {4}"[A-Z]\w*": [^]*/m

const kubernetesTypesIn = (text: string): readonly string[] =>
  [...text.matchAll(/"#\/definitions\/([A-Z]\w*)"/g)].map(([, name]) => name!)

/** A schema that takes only what it names, without words and Kubernetes' own keywords. */
function closed({ $ref, type, required, properties, items, additionalProperties }: ChartSchema): ChartSchema {
  if ($ref !== undefined) {
    const id = $ref.replace('#/definitions/', '')
    return takenAs[id] ?? { $ref: `#/definitions/${id.slice(id.lastIndexOf('.') + 1)}` }
  }
  return {
    ...(type === undefined ? {} : { type }),
    ...(properties === undefined
      ? {}
      : {
          additionalProperties: false,
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, part]) => [name, closed(part)]),
          ),
        }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: closed(items) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: closed(additionalProperties) }
      : {}),
  }
}

async function readDefinitions(): Promise<Readonly<Record<string, ChartSchema>>> {
  const { Dir } = JSON.parse(await go('kubernetes', 'mod', 'download', '-json', 'k8s.io/kubernetes')) as {
    readonly Dir: string
  }
  const text = await readFile(join(Dir, 'api/openapi-spec/swagger.json'), 'utf8')
  return (JSON.parse(text) as Required<ChartSchema>).definitions
}

if (import.meta.main)
  await writeFile(schemaFile, await withKubernetesDefinitions(await readFile(schemaFile, 'utf8')))
