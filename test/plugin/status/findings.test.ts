import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { isScalar, parseAllDocuments, visit } from 'yaml'
import { openStore } from '../../../plugin/open-store.ts'
import { runCommand, words } from '../run-command.ts'

interface Found {
  readonly rule: string
  readonly kind: string
  readonly name: string
  readonly path: string
}

const keyOf = ({ rule, kind, name, path }: Found): string => `${rule} ${kind}/${name} ${path}`

async function dataOf(line: string, text: string): Promise<unknown> {
  const { stdout } = await runCommand(words(`${line} -f - -o json`), { store: openStore, stdin: text })
  return JSON.parse(stdout)
}

async function statusFindings(text: string): Promise<readonly string[]> {
  const { services } = (await dataOf('status -A', text)) as {
    readonly services: readonly { readonly findings: readonly Found[] }[]
  }
  return services.flatMap(({ findings }) => findings.map(keyOf))
}

async function lintFindings(text: string): Promise<ReadonlySet<string>> {
  const { findings } = (await dataOf('lint -A --severity info', text)) as {
    readonly findings: readonly Found[]
  }
  return new Set(findings.map(keyOf))
}

const fixture = readFileSync(join(import.meta.dirname, '../../fixtures/placeholders-and-faults.yaml'), 'utf8')

/** The fixture once for each of its values, with a placeholder in its place. */
function* withOnePlaceholder(): Iterable<string> {
  const places: number[] = []
  const documents = parseAllDocuments(fixture)
  for (const document of documents)
    visit(document, {
      Scalar(key, node) {
        if (key !== 'key') places.push(node.range![0])
      },
    })
  for (const place of places) {
    const copies = parseAllDocuments(fixture)
    for (const document of copies)
      visit(document, {
        Scalar(key, node) {
          if (key !== 'key' && isScalar(node) && node.range![0] === place) node.value = '${OPEN}'
        },
      })
    yield copies.map(String).join('---\n')
  }
}

test('status reports of a service only what lint reports, whichever value is a placeholder', async () => {
  let count = 0
  for (const text of withOnePlaceholder()) {
    const reported = await lintFindings(text)
    const extra = (await statusFindings(text)).filter(finding => !reported.has(finding))
    assert.deepEqual(extra, [], text)
    count++
  }
  assert.ok(count > 50, `${count} values`)
})

test('status reports a fault of an object that has placeholders elsewhere', async () => {
  assert.ok(
    (await statusFindings(fixture)).includes('weights-sum-to-100 VirtualService/catalog spec.http[0].route'),
  )
})

test('status reports what Istio, the Gateway API and APISIX refuse of the routes in files', async () => {
  const service =
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n---\n'
  for (const [found, route] of [
    [
      'istio-rejects VirtualService/web spec.http[0].match[0].uri.regex',
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: [web], http: [{match: [{uri: {regex: 'a(b'}}], route: [{destination: {host: web}}]}]}",
    ],
    [
      'istio-rejects VirtualService/web spec.hosts[0]',
      "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: ['*'], http: [{route: [{destination: {host: web}}]}]}",
    ],
    [
      'gateway-api-rejects HTTPRoute/web spec.rules[0].matches[0].path.type',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\nspec: {parentRefs: [{name: gw}], rules: [{matches: [{path: {type: Start, value: /}}], backendRefs: [{name: web, port: 80}]}]}',
    ],
    [
      'apisix-rejects ApisixRoute/web spec.http[0].timeout.read',
      'apiVersion: apisix.apache.org/v2\nkind: ApisixRoute\nmetadata: {name: web}\nspec: {http: [{name: all, match: {paths: ["/*"]}, timeout: {read: 5}, backends: [{serviceName: web, servicePort: 80}]}]}',
    ],
  ] as const) {
    const text = service + route
    assert.ok((await lintFindings(text)).has(found), found)
    assert.ok((await statusFindings(text)).includes(found), found)
  }
})
