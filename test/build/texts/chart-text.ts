import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'
import { chart } from '../../charts/helm.ts'
import { schemaFile } from '../../charts/schema/kubernetes-definitions.ts'
import { pathsOf, type ChartSchema } from '../../charts/schema/values-at.ts'

/** A value of the chart: its path, the sentence above it in values.yaml, its default, and what the schema takes. */
export interface ChartValue {
  readonly path: string
  readonly sentence: string
  readonly fallback: unknown
  readonly takes: string
}

/** The values of the chart in the order of values.yaml. */
export function chartValues(): readonly ChartValue[] {
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as ChartSchema
  const document = parseDocument(readFileSync(join(chart, 'values.yaml'), 'utf8'))
  const defaults: unknown = document.toJS()
  const described = new Set(pathsOf(schema))
  const visit = (map: YAMLMap, prefix: string, part: ChartSchema): readonly ChartValue[] =>
    (map.items as Pair<{ readonly value: string; readonly commentBefore?: string | null }>[]).flatMap(
      ({ key, value }) => {
        const path = prefix + key.value
        const below = part.properties?.[key.value] ?? {}
        if (isMap(value) && !described.has(path)) return visit(value, `${path}.`, below)
        return [
          {
            path,
            sentence: commentOf(map, key),
            fallback: path
              .split('.')
              .reduce((found: unknown, name) => Reflect.get(found as object, name) as unknown, defaults),
            takes: takenBy(below),
          },
        ]
      },
    )
  return visit(document.contents as YAMLMap, '', schema)
}

/** The comment above a key; the first key of a map has it on the map. */
function commentOf(map: YAMLMap, key: { readonly commentBefore?: string | null }): string {
  const isFirst = isScalar(map.items[0]?.key) && map.items[0].key === key
  return (key.commentBefore ?? (isFirst ? map.commentBefore : '') ?? '').trim()
}

/** What a part of the schema takes, in a few words. */
function takenBy({ $ref, enum: choices, type, items, pattern }: ChartSchema): string {
  if (choices !== undefined) return choices.filter(choice => choice !== '').join(', ')
  if ($ref !== undefined) return nameOf($ref)
  if (items !== undefined)
    return `list of ${items.$ref === undefined ? (items.enum?.join(', ') ?? String(items.type)) : nameOf(items.$ref)}`
  return [type ?? []].flat().join(' or ') + (pattern?.includes('sha256') ? ' (sha256:…)' : '')
}

const names: Readonly<Record<string, string>> = {
  strings: 'map of strings',
  labels: 'map of strings',
  duration: 'duration',
  numberOrPercentage: 'number or percentage',
  probeTimes: 'Probe without its endpoint',
  relabeling: 'relabeling',
  secretName: '{name}',
}
const nameOf = (reference: string): string => {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return names[name] ?? name
}

/** The page about the values of the chart. */
export const chartText = (): string =>
  [
    '# Values of the chart',
    '',
    'Generated from charts/canary-guard/values.yaml by `npm run docs`; do not edit. A name such as `Toleration` is a type of the Kubernetes API. Helm refuses',
    'a value that is not in this list. What the guard does is in [webhook.md](webhook.md).',
    '',
    chartTable(),
  ].join('\n')

/** All values as a table in Markdown. */
export const chartTable = (): string =>
  [
    '| value | takes | default | |',
    '|---|---|---|---|',
    ...chartValues().map(
      ({ path, takes, fallback, sentence }) =>
        `| \`${path}\` | ${cell(takes)} | ${fallback === '' ? '' : `\`${cell(JSON.stringify(fallback))}\``} | ${cell(sentence)} |`,
    ),
    '',
  ].join('\n')

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
