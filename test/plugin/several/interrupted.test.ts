import assert from 'node:assert/strict'
import test from 'node:test'
import { runCommand, words } from '../run-command.ts'
import { storeOf } from '../shop.ts'

test('a change of several services that was given up is settled once, whichever service comes first', async () => {
  for (const line of ['weight catalog v2=10', 'weight checkout v2=10']) {
    const store = storeOf('catalog', 'checkout')
    const start = store.objects
    await runCommand(words('cohort internal --to v2 --service catalog,checkout'), { store })
    const heartbeat = new Date(0).toISOString()
    store.history.records = store.history.records.map(record => ({ ...record, heartbeat }))
    // Of its two objects one was written.
    store.objects = store.objects.map(object =>
      object.kind === 'VirtualService' && object.metadata.name === 'checkout'
        ? start.find(({ kind, metadata: { name } }) => kind === object.kind && name === 'checkout')!
        : object,
    )
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /was interrupted after VirtualService shop\/catalog was written: this is now undone/)
    assert.deepEqual(
      store.history.records.map(({ service, revision, title }) => [service, revision, title]),
      [[line.split(' ')[1], 1, 'weight v1=90,v2=10']],
    )
    assert.doesNotMatch(JSON.stringify(store.objects), /internal/)
  }
})

test('a record that cannot be written for one of the services leaves none, and the change is made', async () => {
  const store = storeOf('catalog', 'checkout')
  const open = store.history.open.bind(store.history)
  store.history.open = async record => (record.service === 'checkout' ? 'no room' : open(record))
  const { code, stderr } = await runCommand(words('cohort internal --to v2 --service catalog,checkout'), {
    store,
  })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /This change is not recorded, and undo cannot take it back: no room/)
  assert.deepEqual(store.history.records, [])
})

test('an undo of a change of several services says where a later change of one of them is in its way', async () => {
  const store = storeOf('catalog', 'checkout')
  await runCommand(words('cohort internal --to v2 --service catalog,checkout'), { store })
  await runCommand(words('cohort internal checkout --to v2 --header x-team=qa'), { store })
  const { code, stderr } = await runCommand(words('undo catalog'), { store })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /^error: VirtualService shop\/checkout was changed since revision 1\n/)
  assert.match(stderr, /Later changes of it: kubectl canary history checkout -n shop/)
  assert.equal((await runCommand(words('undo checkout'), { store })).code, 0)
  assert.equal((await runCommand(words('undo catalog'), { store })).code, 0)
  assert.doesNotMatch(JSON.stringify(store.objects), /internal/)
})
