import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { chartValues } from '../build/texts/chart-text.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { guardedRules } from '../../shared/rules/catalogue.ts'
import { describedRules } from '../../shared/rules/described.ts'
import { configSchema } from '../../webhook/config/config-schema.ts'
import { helms, helmTest, template, type Values } from './helm.ts'
import { schemaFile, withKubernetesDefinitions } from './schema/kubernetes-definitions.ts'
import { pathsOf, type ChartSchema } from './schema/values-at.ts'

const schema = JSON.parse(await readFile(schemaFile, 'utf8')) as ChartSchema

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
  'an unknown key of a volume': { extraVolumes: [{ name: 'x', emptydir: {} }] },
  'an argument that is none': { extraArgs: ['verbose'] },
  'an IP family that there is not': { service: { ipFamilies: ['ipv4'] } },
  'a percentage without its sign': { podDisruptionBudget: { minAvailable: '50' } },
  'an unknown action of a relabeling': { serviceMonitor: { relabelings: [{ action: 'remove' }] } },
  'an endpoint of a probe': { livenessProbe: { httpGet: { path: '/' } } },
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
  for (const { path, sentence, takes } of chartValues()) {
    assert.match(sentence, /^[A-Z].*[.]$/, path)
    assert.notEqual(takes, '', path)
  }
  assert.deepEqual(
    chartValues().map(({ path }) => path),
    pathsOf(schema),
  )
})

test('no object of the schema takes keys that it does not name, but for labels, annotations and what Helm calls global', () => {
  const open: string[] = []
  const visit = (part: unknown, path: string): void => {
    if (typeof part !== 'object' || part === null) return
    const { type, additionalProperties } = part as ChartSchema
    if (type === 'object' && additionalProperties !== false && !isMapOf(additionalProperties)) open.push(path)
    for (const [key, below] of Object.entries(part)) visit(below, `${path}/${key}`)
  }
  visit(schema, '')
  assert.deepEqual(open, ['/properties/global', '/properties/global/properties/image'])
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
    configSchema(describedRules(guardedRules).map(({ id }) => id)),
  )
})

void test("the types of Kubernetes in the schema are Kubernetes' own", async context => {
  const text = await readFile(schemaFile, 'utf8')
  const wanted = await orSkip(context, () => withKubernetesDefinitions(text))
  if (wanted !== undefined) assert.equal(text, wanted)
})
