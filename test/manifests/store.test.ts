import assert from 'node:assert/strict'
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import {
  catalog,
  cohortAdded,
  destinationRule,
  everything,
  folder,
  found,
  opened,
  route,
  service,
  virtualService,
  withHttp,
} from './manifest-folder.ts'

test('reads folders, several documents, lists and JSON, and gives objects without a namespace the one of the request', async t => {
  const path = folder(t, {
    'a.yaml': `${virtualService}---\n${service}---\n# nothing\n---\n`,
    'sub/list.yml':
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: shop}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: b, namespace: other}\n',
    'c.json':
      '{\n\t"apiVersion": "v1",\n\t"kind": "Service",\n\t"metadata": {"name": "c"}\n}\n{"apiVersion":"v1","kind":"Service","metadata":{"name":"d"}}',
    'windows.yaml': `\ufeff${service.replaceAll('catalog', 'e').replaceAll('\n', '\r\n')}`,
    'values.yaml': 'a: 1\n',
    'empty.yaml': '',
    'notes.txt': 'kind: Service',
    '.hidden/x.yaml': service,
    'node_modules/x.yaml': service,
  })
  const { view, notes } = await opened(path)
  assert.deepEqual(
    view
      .list('Service')
      .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)
      .sort(),
    ['other/b', 'shop/c', 'shop/catalog', 'shop/d', 'shop/e'],
  )
  assert.ok(view.get({ kind: 'Namespace', namespace: '', name: 'shop' }))
  assert.deepEqual(notes, [])
})

test('passes over what cannot be read, says where and why, and reads the rest', async t => {
  const path = folder(t, {
    'good.yaml': virtualService,
    'bad.yaml': `${service}---\na: [\n---\n${service.replace('catalog', 'second')}`,
    'helm.yaml': 'kind: Service\napiVersion: v1\nmetadata:\n  name: {{ .Values.name }}\n',
    'binary.yaml': Buffer.from([0, 1, 2, 0xff]),
    'latin.yaml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]),
    'unnamed.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {}\n',
    'other.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n',
    'quoted.yaml': service.replace('name: catalog', 'name: "{{ .Values.name }}"'),
    'dashes.yaml': `${service.replace('catalog', 'third')}--- a: b\n`,
  })
  const { sources, view, notes } = await opened(path)
  assert.deepEqual(
    view
      .list('Service')
      .map(({ metadata: { name } }) => name)
      .sort(),
    ['catalog', 'second', 'third'],
  )
  assert.deepEqual(sources.skipped.map(({ file, why }) => `${file.slice(path.length + 1)} ${why}`).sort(), [
    'bad.yaml broken',
    'binary.yaml broken',
    'dashes.yaml broken',
    'helm.yaml template',
    'latin.yaml broken',
    'other.yaml other-kind',
    'quoted.yaml template',
    'unnamed.yaml broken',
  ])
  assert.ok(sources.skipped.some(({ file, line }) => file === join(path, 'bad.yaml') && line === 6))
  assert.match(
    notes.join('\n'),
    /^2 documents skipped, because of templates such as in \S+helm\.yaml:\d+\. Render [^\n]+$/,
  )
})

test('reads past ten megabytes of something else, and edits beside them', async t => {
  const large = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata:\n  text: |\n${'    0123456789012345678901234567890123456789\n'.repeat(240_000)}`
  const path = folder(t, { 'a.yaml': `${large}---\n${virtualService}` })
  const { store, view } = await opened(path)
  await store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' })
  assert.ok(readFileSync(join(path, 'a.yaml'), 'utf8').startsWith(large))
})

test('edits by splicing: the diff has only the added lines, and removing them gives the bytes back', async t => {
  const text = `${virtualService.replaceAll('\n', '\r\n')}---\r\n${service}`
  const path = folder(t, { 'all.yaml': text })
  const { store, view } = await opened(path)
  const before = found(view)
  const added = { before, after: cohortAdded(before) }
  const diff = await store.diff([added])
  assert.deepEqual(
    diff
      .split('\n')
      .filter(line => /^[-+](?![-+])/.test(line))
      .map(line => line.trimEnd()),
    [
      '+    - name: internal',
      '+      route:',
      '+        - destination:',
      '+            host: catalog',
      "+            subset: 'v2'",
    ],
  )
  assert.deepEqual(await store.apply([added], { dryRun: 'client' }), [
    { ref: catalog, action: 'configured', dryRun: 'client', file: join(path, 'all.yaml') },
  ])
  assert.equal(readFileSync(join(path, 'all.yaml'), 'utf8'), text)
  await store.apply([added], { dryRun: 'none' })
  const now = found((await store.read(everything)).view)
  assert.deepEqual(now, added.after)
  await store.apply([{ before: now, after: before }], { dryRun: 'none' })
  assert.equal(readFileSync(join(path, 'all.yaml'), 'utf8'), text)
  assert.deepEqual(readdirSync(path), ['all.yaml'])
})

test('says unchanged and writes nothing where nothing differs', async t => {
  const path = folder(t, { 'a.yaml': virtualService })
  const { store, view } = await opened(path)
  const { mtimeMs, ino } = statSync(join(path, 'a.yaml'))
  const outcomes = await store.apply([{ before: found(view), after: structuredClone(found(view)) }], {
    dryRun: 'none',
  })
  assert.deepEqual(
    outcomes.map(({ action }) => action),
    ['unchanged'],
  )
  assert.deepEqual(
    [statSync(join(path, 'a.yaml')).mtimeMs, statSync(join(path, 'a.yaml')).ino],
    [mtimeMs, ino],
  )
})

test('a new object gets a file beside its kin in a folder, and never one that is there', async t => {
  const path = folder(t, {
    'shop/routes.yaml': virtualService,
    'shop/catalog-destinationrule.yaml': '# mine\n',
  })
  const { store, view } = await opened(path)
  const [outcome] = await store.apply([{ after: destinationRule }], { dryRun: 'none' })
  assert.equal(outcome!.file, join(path, 'shop/catalog-destinationrule-2.yaml'))
  // Its siblings say no namespace, and stand in lists that are indented.
  assert.equal(
    readFileSync(outcome!.file, 'utf8'),
    'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: catalog\nspec:\n  host: catalog\n  subsets:\n    - name: v1\n      labels:\n        version: v1\n',
  )
  assert.equal(readFileSync(join(path, 'shop/catalog-destinationrule.yaml'), 'utf8'), '# mine\n')
  assert.ok(view)
  const made = (await store.read(everything)).view.get({ ...catalog, kind: 'DestinationRule' })
  assert.deepEqual(made, destinationRule)
  await store.apply([{ before: made }], { dryRun: 'none' })
  assert.ok(!existsSync(outcome!.file))
})

for (const [style, text] of Object.entries({
  'a file': virtualService,
  'a file without a last line break': virtualService.trimEnd(),
  'a file with CRLF': virtualService.replaceAll('\n', '\r\n'),
  'a file that begins with a separator': `---\n${virtualService}`,
  'a JSON file': JSON.stringify(
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'catalog' } },
    null,
    2,
  ),
})) {
  test(`a new object is appended to ${style}, and goes without a trace`, async t => {
    const path = join(folder(t, { 'a.yaml': text }), 'a.yaml')
    const { store } = await opened(path)
    await store.apply([{ after: destinationRule }], { dryRun: 'none' })
    const { view } = await store.read(everything)
    assert.equal(
      [...view.list('DestinationRule'), ...view.list('VirtualService'), ...view.list('Service')].length,
      2,
    )
    await store.apply([{ before: view.list('DestinationRule')[0] }], { dryRun: 'none' })
    assert.equal(readFileSync(path, 'utf8'), text)
  })
}

test('a deleted document takes one separator with it, and a file without documents goes', async t => {
  const path = folder(t, {
    'a.yaml': `${service}---\n${virtualService}---\n${service.replace('catalog', 'other')}`,
  })
  const { store, view } = await opened(path)
  await store.apply([{ before: found(view) }], { dryRun: 'none' })
  assert.equal(
    readFileSync(join(path, 'a.yaml'), 'utf8'),
    `${service}---\n${service.replace('catalog', 'other')}`,
  )
  const left = (await store.read(everything)).view
  await store.apply(
    left.list('Service').map(before => ({ before })),
    { dryRun: 'none' },
  )
  assert.deepEqual(readdirSync(path), [])
})

test('items of a List are edited, and removed, in place', async t => {
  const item = (name: string): string =>
    `- apiVersion: networking.istio.io/v1\n  kind: VirtualService\n  metadata:\n    name: ${name}\n  spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}\n`
  const head = 'apiVersion: v1\nkind: List\nitems:\n# first\n'
  const path = folder(t, { 'a.yaml': head + item('catalog') + item('other') })
  const { store, view } = await opened(path)
  const before = found(view)
  await store.apply(
    [
      { before, after: withHttp(before, [...before.spec.http!, route('v2')]) },
      { before: found(view, { ...catalog, name: 'other' }) },
    ],
    { dryRun: 'none' },
  )
  assert.equal(
    readFileSync(join(path, 'a.yaml'), 'utf8'),
    head + item('catalog').replace('}}]}]}', '}}]}, {route: [{destination: {host: catalog, subset: v2}}]}]}'),
  )
})

test('standard input goes to standard output, edited', async () => {
  const written: string[] = []
  const store = await openManifests({
    paths: ['-'],
    namespace: 'shop',
    stdin: async () => virtualService,
    write: text => written.push(text),
  })
  const before = found((await store.read(everything)).view)
  const [outcome] = await store.apply([{ before, after: cohortAdded(before) }], { dryRun: 'none' })
  assert.equal(outcome!.action, 'configured')
  assert.equal(written.length, 1)
  assert.match(written[0]!, /name: internal/)
})

test('finds the line of a field, the nearest one around a field that is not there, and the comments about it', async t => {
  const path = folder(t, { 'a.yaml': `${service}---\n${virtualService}` })
  const { sources } = await opened(path)
  const lineAt = (...steps: (string | number)[]): number | undefined =>
    sources.positionOf(catalog, steps)?.line
  assert.equal(lineAt(), 7)
  assert.equal(lineAt('spec', 'http', 0, 'route', 0, 'weight'), 20)
  assert.equal(lineAt('spec', 'http', 0, 'route', 0, 'missing'), 17)
  assert.deepEqual(sources.positionOf(catalog, ['spec', 'http', 0, 'route', 0, 'destination', 'subset']), {
    file: join(path, 'a.yaml'),
    line: 19,
    column: 13,
  })
  assert.deepEqual(sources.commentsAt(catalog, ['spec', 'http', 0]), ['everyone'])
  assert.deepEqual(sources.commentsAt(catalog, ['spec', 'http', 0, 'route', 0, 'weight']), ['all'])
  assert.deepEqual(sources.linesOf(join(path, 'a.yaml'), { from: 7, to: 8 }), [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
  ])
  assert.equal(sources.positionOf({ ...catalog, name: 'none' }, []), undefined)
})

test('the istio ConfigMap is found where Istio is installed in another namespace', async t => {
  const path = folder(t, {
    'a.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: mesh-root}\ndata:\n  mesh: |-\n    rootNamespace: mesh-root\n',
  })
  const store = await openManifests({ paths: [path] })
  assert.equal((await store.read({ namespaces: '*' })).view.mesh.rootNamespace, 'mesh-root')
})

test('the mesh settings follow the istio ConfigMap, and the flags win', async t => {
  const path = folder(t, {
    'a.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n    rootNamespace: mesh-root\n    defaultVirtualServiceExportTo: ["."]\n',
  })
  const { store, view } = await opened(path)
  assert.equal(view.mesh.rootNamespace, 'mesh-root')
  assert.deepEqual(view.mesh.defaultExportTo.virtualService, ['.'])
  assert.equal(
    (await store.read({ ...everything, mesh: { clusterDomain: 'c.example' } })).view.mesh.clusterDomain,
    'c.example',
  )
})

test('keeps the mode of a file, and writes through a link', async t => {
  const path = folder(t, { 'real/a.txt': virtualService })
  chmodSync(join(path, 'real/a.txt'), 0o640)
  symlinkSync('real/a.txt', join(path, 'a.yaml'))
  const { store, view } = await opened(path)
  await store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' })
  assert.ok(lstatSync(join(path, 'a.yaml')).isSymbolicLink())
  assert.equal(statSync(join(path, 'real/a.txt')).mode & 0o777, 0o640)
  assert.match(readFileSync(join(path, 'real/a.txt'), 'utf8'), /internal/)
})
