import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { CanaryError, type ErrorCode } from '../../shared/objects/canary-error.ts'
import type { DestinationRule } from '../../shared/objects/destination-rule.ts'
import type { Ref } from '../../shared/objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../shared/objects/virtual-service.ts'
import { openManifests, type ManifestStore } from '../../shared/manifests/open-manifests.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'

const everything = { namespaces: '*' } as const
const catalog: Ref<'VirtualService'> = { kind: 'VirtualService', namespace: 'shop', name: 'catalog' }
const route = (subset: string, name?: string): HttpRoute => ({
  ...(name === undefined ? {} : { name }),
  route: [{ destination: { host: 'catalog', subset } }],
})

const virtualService = `# Traffic of the catalog.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: catalog # the service
spec:
  hosts:
    - catalog
  http:
    # everyone
    - route:
        - destination:
            host: catalog
            subset: 'v1'
          weight: 100 # all
    # the end
`
const service = `apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {ports: [{name: http, port: 80}]}
`
const destinationRule: DestinationRule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { host: 'catalog', subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
}

function folder(t: TestContext, files: Readonly<Record<string, string | Buffer>>): string {
  const path = mkdtempSync(join(tmpdir(), 'canary-manifests-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

async function opened(
  ...paths: string[]
): Promise<{ store: ManifestStore; view: ClusterView; notes: readonly string[] }> {
  const store = await openManifests({ paths, namespace: 'shop' })
  return { store, ...(await store.read(everything)) }
}

const found = (view: ClusterView, ref = catalog): VirtualService =>
  view.get(ref) ?? assert.fail('there is no VirtualService catalog')
const withHttp = (object: VirtualService, http: readonly HttpRoute[]): VirtualService => ({
  ...object,
  spec: { ...object.spec, http },
})
const cohortAdded = (object: VirtualService): VirtualService =>
  withHttp(object, [route('v2', 'internal'), ...object.spec.http!])

const rejects = (promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> =>
  assert.rejects(promise, error => {
    assert.ok(error instanceof CanaryError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.ok(error.hints.length > 0, 'says what to do')
    return true
  })

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
  const { store, view, notes } = await opened(path)
  assert.deepEqual(
    view
      .list('Service')
      .map(({ metadata: { name } }) => name)
      .sort(),
    ['catalog', 'second', 'third'],
  )
  assert.deepEqual(store.skipped.map(({ file, why }) => `${file.slice(path.length + 1)} ${why}`).sort(), [
    'bad.yaml broken',
    'binary.yaml broken',
    'dashes.yaml broken',
    'helm.yaml template',
    'latin.yaml broken',
    'other.yaml other-kind',
    'quoted.yaml template',
    'unnamed.yaml broken',
  ])
  assert.ok(
    notes.some(note => note.startsWith(`${join(path, 'bad.yaml')}:6:`)),
    notes.join('\n'),
  )
  assert.ok(!notes.some(note => note.includes('other.yaml')))
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
      "+            subset: 'v2'".replaceAll("'", ''),
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
  assert.equal(store.stdout, written[0])
})

test('finds the line of a field, the nearest one around a field that is not there, and the comments about it', async t => {
  const path = folder(t, { 'a.yaml': `${service}---\n${virtualService}` })
  const { store } = await opened(path)
  const lineAt = (...steps: (string | number)[]): number | undefined => store.positionOf(catalog, steps)?.line
  assert.equal(lineAt(), 7)
  assert.equal(lineAt('spec', 'http', 0, 'route', 0, 'weight'), 20)
  assert.equal(lineAt('spec', 'http', 0, 'route', 0, 'missing'), 17)
  assert.deepEqual(store.positionOf(catalog, ['spec', 'http', 0, 'route', 0, 'destination', 'subset']), {
    file: join(path, 'a.yaml'),
    line: 19,
    column: 13,
  })
  assert.deepEqual(store.commentsAt(catalog, ['spec', 'http', 0]), ['everyone'])
  assert.deepEqual(store.commentsAt(catalog, ['spec', 'http', 0, 'route', 0, 'weight']), ['all'])
  assert.deepEqual(store.linesOf(join(path, 'a.yaml'), { from: 7, to: 8 }), [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
  ])
  assert.equal(store.positionOf({ ...catalog, name: 'none' }, []), undefined)
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

test('refuses to edit an object with a key that stands twice, and names the line', async t => {
  const path = folder(t, {
    'a.yaml': virtualService.replace('weight: 100', 'weight: 10\n          weight: 100'),
  })
  const { store, view, notes } = await opened(path)
  assert.equal(notes.length, 1)
  await rejects(
    store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' }),
    'unreadable',
    /a\.yaml:16: .*weight.*second time/,
  )
})

test('refuses to edit an object that is defined twice, and names both places', async t => {
  const path = folder(t, { 'a.yaml': virtualService, 'b.yaml': virtualService })
  const { store, view, notes } = await opened(path)
  assert.equal(notes.length, 1)
  await rejects(
    store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' }),
    'ambiguous',
    /a\.yaml:1, .*b\.yaml:1/,
  )
})

test('refuses an edit inside of what an alias repeats, and allows one beside it', async t => {
  const text = virtualService
    .replace(
      "- destination:\n            host: catalog\n            subset: 'v1'",
      "- destination: &stable\n            host: catalog\n            subset: 'v1'",
    )
    .replace(
      '    # the end',
      '    - name: spare\n      route:\n        - destination: *stable\n    # the end',
    )
  const path = folder(t, { 'a.yaml': text })
  const { store, view } = await opened(path)
  const before = found(view)
  const first = before.spec.http![0]!
  const moved = { ...first, route: [{ destination: { host: 'catalog', subset: 'v2' }, weight: 100 }] }
  await rejects(
    store.apply([{ before, after: withHttp(before, [moved, ...before.spec.http!.slice(1)]) }], {
      dryRun: 'none',
    }),
    'unreadable',
    /a\.yaml:13:\d+: .*alias repeats/,
  )
  await store.apply([{ before, after: cohortAdded(before) }], { dryRun: 'none' })
  assert.match(readFileSync(join(path, 'a.yaml'), 'utf8'), /name: internal[^]*&stable[^]*\*stable/)
})

test('does not edit a file in which another document is broken, and says where', async t => {
  const path = folder(t, { 'a.yaml': `${virtualService}---\na: "b\n` })
  const { store, view } = await opened(path)
  await rejects(
    store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' }),
    'unreadable',
    /a\.yaml:18:5: the file is not edited/,
  )
})

test('a file that changed since it was read is a conflict, and nothing is written anywhere', async t => {
  const path = folder(t, {
    'a.yaml': virtualService,
    'b.yaml': virtualService.replace('name: catalog', 'name: other'),
  })
  const { store, view } = await opened(path)
  writeFileSync(join(path, 'b.yaml'), service)
  const changes = [catalog, { ...catalog, name: 'other' }].map(ref => ({
    before: found(view, ref),
    after: cohortAdded(found(view, ref)),
  }))
  await rejects(store.apply(changes, { dryRun: 'none' }), 'conflict', /b\.yaml: has changed since/)
  assert.equal(readFileSync(join(path, 'a.yaml'), 'utf8'), virtualService)
  assert.deepEqual(readdirSync(path), ['a.yaml', 'b.yaml'])
})

test('a change of something else than was read is a conflict', async t => {
  const { store, view } = await opened(folder(t, { 'a.yaml': virtualService }))
  const before = withHttp(found(view), [])
  await rejects(
    store.apply([{ before, after: cohortAdded(before) }], { dryRun: 'none' }),
    'conflict',
    /not what was read/,
  )
  await rejects(store.apply([{ after: found(view) }], { dryRun: 'none' }), 'conflict', /is there already/)
})

test('a read-only file is an error, and no other file is written', async t => {
  const path = folder(t, {
    'a.yaml': virtualService,
    'b.yaml': virtualService.replace('name: catalog', 'name: other'),
  })
  chmodSync(join(path, 'b.yaml'), 0o444)
  const { store, view } = await opened(path)
  const changes = [catalog, { ...catalog, name: 'other' }].map(ref => ({
    before: found(view, ref),
    after: cohortAdded(found(view, ref)),
  }))
  await rejects(store.apply(changes, { dryRun: 'none' }), 'unwritable', /b\.yaml: the file is read-only/)
  assert.equal(readFileSync(join(path, 'a.yaml'), 'utf8'), virtualService)
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

test('a path that is not there, a binary file by name and a dry run at a server are errors', async t => {
  const path = folder(t, { 'binary.yaml': Buffer.from([0, 1, 2]), 'a.yaml': virtualService })
  await rejects(opened(join(path, 'none.yaml')), 'not-found', /none\.yaml: there is no such file/)
  await rejects(opened(join(path, 'binary.yaml')), 'unreadable', /binary file/)
  const { store } = await opened(join(path, 'a.yaml'))
  await rejects(store.apply([], { dryRun: 'server' }), 'usage', /needs a cluster/)
})
