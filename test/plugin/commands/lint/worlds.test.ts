import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { openStore } from '../../../../plugin/open-store.ts'
import { runCommand, words, type Ended } from '../../run-command.ts'

/** A folder of files by their names, or a copy of a case; gone when it is disposed of. */
class Tree implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'canary-worlds-'))
  constructor(files: string | Readonly<Record<string, string>>) {
    if (typeof files === 'string')
      cpSync(join(import.meta.dirname, '../../../fixtures/cases', files), this.path, { recursive: true })
    else
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(this.path, name)), { recursive: true })
        writeFileSync(join(this.path, name), text)
      }
  }
  lint(line = ''): Promise<Ended> {
    return runCommand([...words(`lint ${line}`), '-f', this.path], { store: openStore })
  }
  /** Each finding as `file: rule`. */
  async found(line = ''): Promise<readonly string[]> {
    const { stdout } = await this.lint(`${line} -o json`)
    return (JSON.parse(stdout) as { findings: { rule: string; file: string }[] }).findings.map(
      ({ rule, file }) => `${file.slice(this.path.length + 1)}: ${rule}`,
    )
  }
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

const service = (name: string) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
`
const rule = (...subsets: readonly string[]) => `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog}
spec: {host: catalog, subsets: [${subsets.map(name => `{name: ${name}, labels: {version: ${name}}}`).join(', ')}]}
`
const route = (subset: string, { name = 'catalog', host = 'catalog' } = {}) => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec: {hosts: [${host}], http: [{route: [{destination: {host: ${host}, subset: ${subset}}}]}]}
`

describe('lint of a folder with environments', () => {
  it('finds what is wrong in each of them, and says once that it looked at each', async () => {
    using tree = new Tree('environments')
    assert.deepEqual(await tree.found(), [
      'dev/all.yaml: weights-sum-to-100',
      'staging/all.yaml: undefined-subset',
    ])
    const { code, stderr } = await tree.lint()
    assert.equal(code, 3)
    const lines = stderr.split('\n').filter(line => line.includes('more than once'))
    assert.deepEqual(
      lines.map(line => line.replaceAll(`${tree.path}/`, '')),
      ['3 objects are defined more than once, in dev, prod, staging. Each place is checked by itself.'],
    )
  })
  it('says so in every format', async () => {
    using tree = new Tree('environments')
    for (const format of ['json', 'sarif', 'junit', 'github']) {
      const { stdout, code } = await tree.lint(`-o ${format}`)
      assert.match(stdout, /3 objects are defined more than once/, format)
      assert.match(stdout, /dev\/all\.yaml/, format)
      assert.match(stdout, /staging\/all\.yaml/, format)
      assert.equal(code, 3)
    }
  })
  it('does not mix objects that only one of them has with the others', async () => {
    using tree = new Tree({
      'dev/all.yaml': service('catalog') + rule('v1') + route('v1', { name: 'dev-only' }),
      'prod/all.yaml': service('catalog') + rule('v1') + route('v1', { name: 'prod-only' }),
    })
    assert.deepEqual(await tree.found(), [])
    assert.deepEqual(await tree.found('--complete --disable subset-matches-no-workload'), [])
  })
})

describe('lint of objects that environments share or miss', () => {
  it('keeps the fault of a shared object where it is one in every environment', async () => {
    const shared = (subset: string) => ({
      'common/route.yaml': route(subset),
      'dev/all.yaml': service('catalog') + rule('v1', 'v2'),
      'prod/all.yaml': service('catalog') + rule('v1'),
    })
    using some = new Tree(shared('v2'))
    assert.deepEqual(await some.found(), [])
    using all = new Tree(shared('v3'))
    assert.deepEqual(await all.found(), ['common/route.yaml: undefined-subset'])
  })
  it('finds with --complete what is missing in all files, and not what another folder has', async () => {
    const files = {
      'apps/a/all.yaml':
        service('catalog') + rule('v1') + route('v1') + route('v1', { name: 'x', host: 'orders' }),
      'apps/b/all.yaml': service('orders') + rule('v1').replaceAll('catalog', 'orders'),
      'old/all.yaml': service('catalog') + service('orders'),
    }
    using tree = new Tree(files)
    assert.deepEqual(
      (await tree.found('--complete')).filter(text => text.includes('unknown-host')),
      [],
    )
    using gone = new Tree({
      ...files,
      'apps/b/all.yaml': rule('v1').replaceAll('catalog', 'orders'),
      'old/all.yaml': service('catalog'),
    })
    assert.deepEqual(
      (await gone.found('--complete')).filter(text => text.includes('unknown-host')),
      ['apps/a/all.yaml: unknown-host', 'apps/b/all.yaml: unknown-host'],
    )
  })
})

describe('lint of a folder with alternatives', () => {
  it('finds what is wrong in one object, and nothing that comes from mixing them', async () => {
    using tree = new Tree('alternatives-in-one-folder')
    assert.deepEqual(await tree.found(), ['vs-typo.yaml: weights-sum-to-100'])
  })
  it('finds a subset that none of the alternatives defines', async () => {
    using tree = new Tree({
      'app.yaml': service('catalog'),
      'rule-a.yaml': rule('v1'),
      'rule-b.yaml': rule('v1', 'v2'),
      'route-v2.yaml': route('v2'),
      'route-v3.yaml': route('v3'),
    })
    assert.deepEqual(await tree.found(), ['route-v3.yaml: undefined-subset'])
  })
  it('sees the alternatives of other folders, and not those of an environment', async () => {
    const files = {
      'platform/a.yaml': service('catalog'),
      'platform/b.yaml': service('catalog'),
      'routing/v1.yaml': rule('v1') + route('v1'),
      'routing/v2.yaml': rule('v1', 'v2') + route('v2'),
    }
    using tree = new Tree(files)
    assert.deepEqual(await tree.found(), [])
    using apart = new Tree({
      ...files,
      'platform/a.yaml': service('other'),
      'platform/b.yaml': service('other'),
      'dev/app.yaml': service('catalog') + rule('v1').replaceAll('catalog', 'dev'),
      'prod/app.yaml': service('catalog') + rule('v1').replaceAll('catalog', 'dev'),
    })
    assert.deepEqual(
      (await apart.found()).filter(text => text.includes('unknown-host')),
      ['routing/v1.yaml: unknown-host', 'routing/v2.yaml: unknown-host'],
    )
  })
  it('judges each of several definitions in one file', async () => {
    using tree = new Tree({ 'all.yaml': service('catalog') + rule('v1') + route('v9') + route('v1') })
    assert.deepEqual(await tree.found(), ['all.yaml: undefined-subset'])
  })
})
