import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parseAllDocuments } from 'yaml'
import { openStore } from '../../../../plugin/open-store.ts'
import { ManifestsFolder } from '../../manifests-folder.ts'
import { runCommand, words } from '../../run-command.ts'

const fixtures = join(import.meta.dirname, '../../../fixtures')

interface Found {
  readonly rule: string
  readonly severity: string
  readonly name: string
  readonly path: string
}
async function lintText(text: string, flags = ''): Promise<readonly Found[]> {
  const ended = await runCommand(words(`lint -f - -o json ${flags}`), { store: openStore, stdin: text })
  assert.notEqual(ended.code, 1, ended.stderr)
  return (JSON.parse(ended.stdout) as { findings: Found[] }).findings
}
const errorsIn = (found: readonly Found[]): readonly string[] =>
  found
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, name, path }) => `${rule} ${name} ${path}`)

test('placeholders of kustomize, envsubst and Flux are no ground for a finding, and one note', async () => {
  const { code, stdout, stderr } = await runCommand(
    ['lint', '-f', join(fixtures, 'placeholders'), '--disable', 'unknown-host'],
    { store: openStore },
  )
  assert.deepEqual([code, stdout], [0, ''], stderr)
  assert.equal(stderr.match(/placeholders such as/g)?.length, 1)
  assert.match(
    stderr,
    /^4 objects contain placeholders such as `\$STUDENT` \(\S+envsubst\.yaml:1\)\. .*fill them in first\.$/m,
  )
})

test('X_PLACEHOLDER is a placeholder only in the folder of a kustomization', async () => {
  using folder = new ManifestsFolder()
  folder.write('vs.yaml', readFileSync(join(fixtures, 'placeholders/vs.yaml'), 'utf8'))
  const plain = await folder.run('lint')
  assert.equal(plain.code, 3)
  assert.match(plain.stdout, /istio-rejects/)
  folder.write('kustomization.yaml', 'resources: [vs.yaml]\n')
  assert.equal((await folder.run('lint')).code, 0)
})

test('other faults of an object with placeholders are found', async () => {
  const found = await lintText(readFileSync(join(fixtures, 'placeholders-and-faults.yaml'), 'utf8'))
  assert.deepEqual(errorsIn(found), [
    'weights-sum-to-100 catalog spec.http[0].route',
    'istio-rejects web spec.http[0].match[0].uri',
    'istio-rejects web spec.http[1].route[0].wieght',
  ])
})

const routed = (route: string, subset = 'v1') => `
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec: {selector: {app: catalog}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec: {host: catalog, subsets: [{name: ${subset}, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec: {hosts: [catalog], http: [{route: [${route}]}]}
`

test('a missing subset is an error unless a placeholder may define it', async () => {
  const route = '{destination: {host: catalog, subset: v3}}'
  const missing = ['undefined-subset catalog spec.http[0].route[0].destination.subset']
  assert.deepEqual(errorsIn(await lintText(routed(route))), missing)
  assert.deepEqual(errorsIn(await lintText(routed(route, '$(VERSION)'))), [])
  const namespaced = routed(route).replaceAll('namespace: shop', 'namespace: "${NAMESPACE}"')
  assert.deepEqual(errorsIn(await lintText(namespaced)).length, 1, 'one namespace, whatever its name becomes')
  const another = (host: string) => `${routed(route)}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: more, namespace: shop}
spec: {host: "${host}", subsets: [{name: v3, labels: {version: v3}}]}
`
  assert.deepEqual(errorsIn(await lintText(another('$SERVICE'))), [])
  assert.deepEqual(errorsIn(await lintText(another('reviews-$SERVICE'))), missing)
})

test('weights are not added up while one is a placeholder, and are where none is', async () => {
  const weights = (one: string, other: string) =>
    routed(
      `{destination: {host: catalog, subset: v1}, weight: ${one}}, {destination: {host: "$HOST"}, weight: ${other}}`,
    )
  assert.deepEqual(errorsIn(await lintText(weights('90', '"${WEIGHT}"'))), [])
  assert.deepEqual(errorsIn(await lintText(weights('90', '20'))), [
    'weights-sum-to-100 catalog spec.http[0].route',
  ])
})

test('a dollar in a request path or a pattern is no placeholder', async () => {
  const text = routed('{destination: {host: catalog, subset: v1}}').replace(
    '{route:',
    '{match: [{uri: {prefix: /odata/$metadata}}, {uri: {regex: ^/a(b|$)}}], route:',
  )
  const { stderr } = await runCommand(words('lint -f -'), { store: openStore, stdin: text })
  assert.doesNotMatch(stderr, /placeholder/)
})

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
type Step = readonly (string | number)[]

function* leavesOf(value: Json, path: Step = []): Generator<Step> {
  if (typeof value !== 'object' || value === null) yield path
  else
    for (const [key, inner] of Object.entries(value))
      if (!['containers', 'annotations', 'apiVersion', 'kind'].includes(key))
        yield* leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key])
}

function replaced(value: Json, [step, ...rest]: Step, by: (old: string) => string): Json {
  if (step === undefined) return by(JSON.stringify(value).replaceAll('"', ''))
  if (Array.isArray(value))
    return value.map((item, i) => (i === step ? replaced(item as Json, rest, by) : (item as Json)))
  const object = value as { readonly [key: string]: Json }
  return { ...object, [step]: replaced(object[step]!, rest, by) }
}

for (const example of ['examples/catalog', 'test/fixtures/healthy/bookinfo.yaml']) {
  test(`no field of ${example} leads to an error, in any object, while it is a placeholder`, async () => {
    const documents = readDocuments(join(import.meta.dirname, '../../../..', example))
    const asText = (all: readonly Json[]): string => all.map(one => JSON.stringify(one)).join('\n')
    const wrong: string[] = []
    assert.deepEqual(errorsIn(await lintText(asText(documents))), [])
    for (const [i, document] of documents.entries()) {
      for (const path of leavesOf(document)) {
        for (const by of [() => '${VALUE}', (old: string) => `${old.slice(0, 2)}$(VALUE)`]) {
          const changed = documents.map((one, at) => (at === i ? replaced(one, path, by) : one))
          const errors = errorsIn(await lintText(asText(changed)))
          if (errors.length > 0)
            wrong.push(`${path.join('.')} ${JSON.stringify(changed[i])}: ${errors.join()}`)
        }
      }
    }
    assert.deepEqual(wrong, [])
  })
}

function readDocuments(path: string): readonly Json[] {
  const files = statSync(path).isFile() ? [path] : readdirSync(path).map(name => join(path, name))
  return files.flatMap(file =>
    parseAllDocuments(readFileSync(file, 'utf8')).flatMap(one => (one.toJS() as Json) ?? []),
  )
}
