import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore } from '../../../../plugin/open-store.ts'
import { runCommand, words } from '../../run-command.ts'

/** A Service with a label, and a VirtualService whose weights add up to too much. */
const app = (name: string, team: string) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop, labels: {team: ${team}}}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}-routes, namespace: shop}
spec:
  hosts: [${name}]
  http:
  - route:
    - {destination: {host: ${name}}, weight: 90}
    - {destination: {host: ${name}, port: {number: 80}}, weight: 20}
`
const files = app('catalog', 'shop') + app('search', 'find')
const lint = (line: string, stdin = files) => runCommand(words(`lint - ${line}`), { store: openStore, stdin })

describe('lint -l over files', () => {
  it('reports what belongs to the Services with these labels, and judges by all', async () => {
    const { code, stdout } = await lint('-l team=find')
    assert.equal(code, 3)
    assert.match(stdout, /VirtualService shop\/search-routes/)
    assert.doesNotMatch(stdout, /catalog/)
    const json = await lint('-l team!=find -o json')
    const { findings } = JSON.parse(json.stdout) as {
      readonly findings: readonly { readonly name: string }[]
    }
    assert.deepEqual([...new Set(findings.map(({ name }) => name))], ['catalog-routes'])
  })
  it('is no error where the faults belong to other Services', async () => {
    const { code, stderr } = await lint(
      '-l team=find',
      files.replace(
        '{host: search, port: {number: 80}}, weight: 20',
        '{host: search, port: {number: 80}}, weight: 10',
      ),
    )
    assert.equal(code, 0)
    assert.match(stderr, /lint: no findings/)
  })
  it('says so where no Service has the labels', async () => {
    const { code, stderr } = await lint('-l team=nobody')
    assert.equal(code, 0)
    assert.match(stderr, /^No Service has the labels of --selector: nothing is reported\.$/m)
  })
  it('keeps a document that cannot be read', async () => {
    const { code, stdout } = await lint('-l team=nobody', `${files}---\nkind: [\n`)
    assert.equal(code, 3)
    assert.match(stdout, /unreadable-manifest/)
  })
})

describe('lint -o with a template', () => {
  it('chooses from the data of -o json', async () => {
    const { code, stdout } = await runCommand(
      ['lint', '-', '-o', 'jsonpath={range .findings[*]}{.severity} {.name}{"\\n"}{end}'],
      { store: openStore, stdin: files },
    )
    assert.equal(code, 3)
    assert.match(stdout, /^error catalog-routes$/m)
    assert.match(stdout, /^error search-routes$/m)
  })
  it('has a line of columns for each finding', async () => {
    const { stdout } = await lint('-l team=find -o custom-columns=RULE:.rule,LINE:.line,TEMPLATE:.template')
    assert.match(stdout, /^RULE +LINE +TEMPLATE\nweights-sum-to-100 +\d+ +<none>$/m)
  })
  it('refuses a Go template, and names what can be used', async () => {
    for (const format of ['go-template={{.}}', 'go-template-file=x', 'template={{.}}']) {
      const { code, stderr } = await lint(`-o ${format}`)
      assert.equal(code, 2)
      assert.match(stderr, /Go templates are not supported\n +Use -o jsonpath=…, or pipe .*-o json \| jq/)
    }
  })
  it('refuses a template that cannot be read before anything is checked', async () => {
    const { code, stdout, stderr } = await lint('-o jsonpath={.findings[')
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /invalid template|without its/)
  })
})
