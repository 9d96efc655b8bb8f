import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { describedRules } from '../../shared/rules/described.ts'
import { configSchema } from '../../webhook/config/config-schema.ts'
import { chart, helms, helmTest, template, type Values } from './helm.ts'

interface ValuesSchema {
  readonly properties?: Readonly<Record<string, ValuesSchema>>
  readonly additionalProperties?: unknown
  readonly type?: string
  readonly definitions?: Readonly<Record<string, unknown>>
}

const schema = JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')) as ValuesSchema
const values = parseDocument(await readFile(join(chart, 'values.yaml'), 'utf8'))

const refused: Readonly<Record<string, Values>> = {
  'an unknown key': { replica: 2 },
  'an unknown key below': { webhook: { failurepolicy: 'Fail' } },
  "an unknown key of the guard's configuration": { config: { rule: {} } },
  'a rule that there is not': { config: { rules: { 'undefined-subsets': 'warn' } } },
  'an unknown mode of a rule': { config: { rules: { 'undefined-subset': 'fail' } } },
  'a failure policy that there is not': { webhook: { failurePolicy: 'Deny' } },
  'an endless timeout': { webhook: { timeoutSeconds: 31 } },
  'a privileged port': { webhook: { port: 443 } },
  'a URL without TLS': { webhook: { url: 'http://guard.example.com/validate' } },
  'a URL without the path': { webhook: { url: 'https://guard.example.com' } },
  'a certificate without its authority': { certificate: { mode: 'secret', secretName: 'mine' } },
  'a source of certificates that there is not': { certificate: { mode: 'genSignedCert' } },
  'a negative number of replicas': { replicas: -1 },
  'memory of a unit that there is not': { resources: { limits: { memory: '384mi' } } },
  'a digest that is none': { image: { digest: 'latest' } },
  'an unknown key of a toleration': { tolerations: [{ keys: 'x' }] },
  'an unknown key deep in the affinity': {
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'x', labelselector: {} }],
      },
    },
  },
  'an unknown key of a peer': {
    networkPolicy: { metricsFrom: [{ namespaceSelector: { matchlabels: {} } }] },
  },
}

for (const which of helms) {
  for (const [what, bad] of Object.entries(refused)) {
    helmTest(`${which} refuses ${what}`, async () => {
      const { code, stderr } = await template(which, bad)
      assert.equal(code, 1)
      assert.match(stderr, /values don't meet the specifications of the schema/)
    })
  }
}

test('every value has a sentence and a place in the schema, and the schema has nothing else', () => {
  const visit = (
    map: YAMLMap,
    { properties = {}, additionalProperties }: ValuesSchema,
    path: string,
  ): void => {
    assert.equal(additionalProperties, false, path)
    const keys = map.items.map(pair => (pair as Pair<{ readonly value: string }>).key.value)
    assert.deepEqual(
      Object.keys(properties)
        .filter(key => key !== 'global')
        .sort(),
      [...keys].sort(),
      path,
    )
    for (const { key, value } of map.items as Pair<{
      readonly value: string
      readonly commentBefore?: string | null
    }>[]) {
      const below = properties[key.value]!
      if (
        isMap(value)
        && value.items.length > 0
        && below.additionalProperties === false
        && key.value !== 'resources'
      )
        visit(value, below, `${path}.${key.value}`)
      else assert.match(commentOf(map, key), /[.:]$/, `${path}.${key.value}`)
    }
  }
  visit(values.contents as YAMLMap, schema, 'values')
})

/** The comment above a key; the first key of a map has it on the map. */
function commentOf(map: YAMLMap, key: { readonly commentBefore?: string | null }): string {
  const isFirst = isScalar(map.items[0]?.key) && map.items[0].key === key
  return (key.commentBefore ?? (isFirst ? map.commentBefore : '') ?? '').trim()
}

test('no object of the schema takes keys that it does not name, but for labels, annotations and what Helm calls global', () => {
  const open: string[] = []
  const visit = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null) return
    const { type, additionalProperties } = part as ValuesSchema
    if (type === 'object' && additionalProperties !== false && !isMapOf(additionalProperties)) open.push(path)
    for (const [key, below] of Object.entries(part)) visit(below, `${path}/${key}`)
  }
  visit(schema, '')
  assert.deepEqual(open, ['/properties/global'])
})

const isMapOf = (values: unknown): boolean =>
  typeof values === 'object' && values !== null && ('type' in values || 'enum' in values)

/** A part of the schema, with what it refers to in its place. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved)
  if (typeof value !== 'object' || value === null) return value
  const reference: unknown = Reflect.get(value, '$ref')
  if (typeof reference === 'string')
    return resolved(Reflect.get(schema.definitions!, reference.replace('#/definitions/', '')))
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part)]))
}

test("the schema of the configuration is the guard's own", () => {
  assert.deepEqual(
    resolved(schema.properties!['config']),
    configSchema(describedRules(catalogue).map(({ id }) => id)),
  )
})
