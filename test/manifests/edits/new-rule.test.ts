import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseAllDocuments, stringify } from 'yaml'
import { openStore } from '../../../plugin/open-store.ts'
import { runCommand } from '../../plugin/run-command.ts'

const route = `# the routes of shop
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop]
  http:
    - route:
        - destination:
            host: shop
`
const workload = (version: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-${version}}
spec:
  selector: {matchLabels: {app: shop, version: ${version}}}
  template: {metadata: {labels: {app: shop, version: ${version}}}, spec: {containers: [{name: c, image: i}]}}
`
const service = `---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec:
  selector: {app: shop}
  ports: [{name: http, port: 80}]
`
const others = service + workload('v1') + workload('v2')
const all = route + others
const items = parseAllDocuments(all).map(document => document.toJS() as unknown)

/** The text of a file after an edit that creates a DestinationRule, and what lint says of it. */
async function edited(name: string, before: string) {
  const folder = mkdtempSync(join(tmpdir(), 'canary-new-rule-'))
  try {
    const file = join(folder, name)
    writeFileSync(file, before)
    const run = (words: readonly string[]) =>
      runCommand([...words, '-f', file], { store: openStore, env: { PATH: process.env['PATH'] ?? '' } })
    const { code, stderr } = await run(['weight', 'v2=10', '--stable', 'v1'])
    assert.equal(code, 0, stderr)
    const text = readFileSync(file, 'utf8')
    return { text, lint: (await run(['lint'])).stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const beforeRoute =
  /kind: DestinationRule[^]*\n---\r?\n# the routes of shop\r?\napiVersion[^]*kind: VirtualService/

describe('a DestinationRule that an edit creates in the file of its route', () => {
  for (const [title, text, start] of [
    ['at the beginning of a file', all, /^apiVersion: networking.istio.io\/v1\nkind: DestinationRule/],
    ['behind a separator', `---\n${all}`, /^---\napiVersion: networking.istio.io\/v1\nkind: DestinationRule/],
    ['behind comments of the file', `# Copyright\n\n${all}`, /^# Copyright\n\napiVersion/],
    ['behind comments and a separator', `# Copyright\n---\n${all}`, /^# Copyright\n---\napiVersion/],
    ['after other documents', `${others.slice(4)}---\n${route}`, /^apiVersion: v1\nkind: Service/],
    ['with CRLF', `# Copyright\n\n${all}`.replaceAll('\n', '\r\n'), /^# Copyright\r\n\r\napiVersion/],
  ] as const)
    it(`stands before the route ${title}`, async () => {
      const { text: after, lint } = await edited('all.yaml', text)
      assert.match(after, start)
      assert.match(after, beforeRoute)
      assert.doesNotMatch(after, /---\s*---|\n\n\n/)
      assert.doesNotMatch(lint, /apply DestinationRule/)
      if (title === 'with CRLF') assert.doesNotMatch(after, /[^\r]\n/)
    })
  for (const [name, text] of [
    ['list.yaml', stringify({ apiVersion: 'v1', kind: 'List', items })],
    ['list.json', `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`],
    ['row.json', items.map(item => `${JSON.stringify(item, null, 2)}\n`).join('')],
  ] as const)
    it(`stands before the route in ${name}`, async () => {
      const { text: after, lint } = await edited(name, text)
      assert.match(after, /DestinationRule[^]*VirtualService/)
      assert.equal(after.match(/List/g)?.length, text.match(/List/g)?.length)
      assert.doesNotMatch(lint, /apply DestinationRule/)
    })
})
