import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import {
  catalog,
  cohortAdded,
  folder,
  found,
  opened,
  rejects,
  service,
  virtualService,
  withHttp,
} from './manifest-folder.ts'

test('refuses to edit an object with a key that stands twice, and names the line', async t => {
  const path = folder(t, {
    'a.yaml': virtualService.replace('weight: 100', 'weight: 10\n          weight: 100'),
  })
  const { store, view, notes } = await opened(path)
  assert.equal(notes.length, 1)
  await rejects(
    store.apply([{ before: found(view), after: cohortAdded(found(view)) }], { dryRun: 'none' }),
    'unreadable',
    /a\.yaml:16: .*weight.*is repeated/,
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

test('refuses to remove what an alias repeats, writes an alias out whose value is to stay, and edits beside both', async t => {
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
  const [first, ...others] = before.spec.http!
  await rejects(
    store.apply([{ before, after: withHttp(before, others) }], { dryRun: 'none' }),
    'unreadable',
    /a\.yaml:13:\d+: .*alias repeats/,
  )
  await store.apply([{ before, after: cohortAdded(before) }], { dryRun: 'none' })
  const written = (): string => readFileSync(join(path, 'a.yaml'), 'utf8')
  assert.match(written(), /name: internal[^]*&stable[^]*\*stable/)
  const after = await opened(path)
  const now = found(after.view)
  const moved = { ...first!, route: [{ destination: { host: 'catalog', subset: 'v2' }, weight: 100 }] }
  const http = now.spec.http!.map(route => (route.name === first!.name ? moved : route))
  await after.store.apply([{ before: now, after: withHttp(now, http) }], { dryRun: 'none' })
  assert.match(
    written(),
    /&stable\n +host: catalog\n +subset: 'v2'[^]*destination:\n +host: catalog\n +subset: 'v1'/,
  )
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
  await rejects(store.apply(changes, { dryRun: 'none' }), 'conflict', /b\.yaml: was changed since/)
  assert.equal(readFileSync(join(path, 'a.yaml'), 'utf8'), virtualService)
  assert.deepEqual(readdirSync(path), ['a.yaml', 'b.yaml'])
})

test('a change of something else than was read is a conflict', async t => {
  const { store, view } = await opened(folder(t, { 'a.yaml': virtualService }))
  const before = withHttp(found(view), [])
  await rejects(
    store.apply([{ before, after: cohortAdded(before) }], { dryRun: 'none' }),
    'conflict',
    /was changed since it was read/,
  )
  await rejects(store.apply([{ after: found(view) }], { dryRun: 'none' }), 'conflict', /already exists/)
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

test('a path that is not there, a binary file by name and a dry run at a server are errors', async t => {
  const path = folder(t, {
    'binary.yaml': Buffer.from([0, 1, 2]),
    'windows.yaml': Buffer.from(`\ufeff${virtualService}`, 'utf16le'),
    'a.yaml': virtualService,
  })
  await rejects(opened(join(path, 'none.yaml')), 'not-found', /none\.yaml: the file or folder does not exist/)
  await rejects(opened(join(path, 'binary.yaml')), 'unreadable', /binary file/)
  await rejects(opened(join(path, 'windows.yaml')), 'unreadable', /UTF-16 text, not UTF-8/)
  const { store } = await opened(join(path, 'a.yaml'))
  await rejects(store.apply([], { dryRun: 'server' }), 'usage', /cannot be used with -f/)
})
