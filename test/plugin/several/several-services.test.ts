import assert from 'node:assert/strict'
import test from 'node:test'
import { contentOf } from '../../../shared/objects/content/content.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { fc } from '../../properties.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { shop, storeOf } from '../shop.ts'

/** The objects by name, without what a server keeps in them. */
const stateOf = ({ objects }: MemoryStore): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    objects
      .map(object => [keyOf(refOf(object)), contentOf(object)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** The services whose cohorts have this name. */
const having = ({ objects }: MemoryStore, cohort: string): readonly string[] =>
  objects
    .filter(({ metadata }) =>
      JSON.stringify(metadata.annotations ?? {}).includes(`\\"name\\":\\"${cohort}\\"`),
    )
    .map(({ metadata }) => metadata.name)
    .toSorted()

for (const line of [
  'cohort internal --to v2 --service catalog,checkout',
  'cohort internal --to v2 --service svc/catalog,checkout.shop',
  'cohort internal --to v2 --service catalog --service checkout',
  'cohort internal catalog,checkout --to v2',
  'cohort internal catalog,svc/checkout,catalog.shop --to v2',
  'cohort --to v2 --service=catalog,checkout internal catalog,checkout',
]) {
  test(`"${line}" sets the cohort of both services, as one change of both histories`, async () => {
    const store = storeOf('catalog', 'checkout', 'web')
    const { code, stdout, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^catalog: cohort internal .* → v2.*\ncheckout: cohort internal .* → v2/)
    assert.deepEqual(having(store, 'internal'), ['catalog', 'checkout'])
    assert.equal(store.applied.length, 1)
    const [one, other] = store.history.records
    assert.deepEqual([one!.service, other!.service], ['catalog', 'checkout'])
    assert.equal(one!.id, other!.id)
    assert.deepEqual(one!.with, [{ service: 'checkout', namespace: 'shop', revision: 1 }])
    assert.deepEqual(one!.title, 'cohort internal → v2 for catalog, checkout')
  })
}

for (const undo of ['undo catalog', 'undo checkout', 'undo']) {
  test(`"${undo}" takes a change of several services back, and is itself a change of them`, async () => {
    const store = storeOf('catalog', 'checkout', 'web')
    const start = stateOf(store)
    await runCommand(words('cohort internal --to v2 --all-services'), { store })
    assert.deepEqual(having(store, 'internal'), ['catalog', 'checkout', 'web'])
    const during = stateOf(store)
    const { code, stderr } = await runCommand(words(undo), { store })
    assert.equal(code, 0, stderr)
    assert.deepEqual(stateOf(store), start)
    assert.equal(new Set(store.history.records.map(({ id }) => id)).size, 2)
    assert.equal((await runCommand(words('undo web'), { store })).code, 0)
    assert.deepEqual(stateOf(store), during)
  })
}

test('a change of several services that is made again is unchanged, and leaves no record', async () => {
  const store = storeOf('catalog', 'checkout')
  const line = 'cohort internal --to v2 --service catalog,checkout'
  await runCommand(words(line), { store })
  const { code, stdout } = await runCommand(words(line), { store })
  assert.equal(code, 0)
  assert.match(stdout, /virtualservice\S+\/catalog unchanged\nvirtualservice\S+\/checkout unchanged\n$/)
  assert.equal(store.history.records.length, 2)
})

test('one service that cannot take it refuses the whole, and each such service is named', async () => {
  const objects = shop('catalog', 'checkout', 'web', 'cart').map(object =>
    ['checkout-v2', 'web-v2'].includes(object.metadata.name)
      ? { ...object, status: { replicas: 1, readyReplicas: 0 } }
      : object,
  )
  const store = new MemoryStore(objects, { namespace: 'shop' })
  const { code, stderr } = await runCommand(words('cohort internal --to v2 --all-services'), { store })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /^error: cohort internal cannot be set for checkout, web, so no Service is changed\n/)
  for (const name of ['checkout', 'web'])
    assert.match(stderr, new RegExp(`^ +${name}: version v2 of ${name} has no ready workload`, 'm'))
  assert.deepEqual([store.applied.length, store.history.records.length], [0, 0])
  const offered = [...stderr.matchAll(/kubectl canary (.*)$/gm)].map(([, command]) => command!)
  assert.equal(offered.length, 3, stderr)
  for (const command of offered) {
    const fresh = new MemoryStore(objects, { namespace: 'shop' })
    const ended = await runCommand(words(command), { store: fresh })
    assert.equal(ended.code, 0, `${command}\n${ended.stderr}`)
  }
  assert.equal(offered.at(-1), 'cohort internal --service cart,catalog --to v2')
})

test('--all-services takes the services that have the version and a route, and says when none has', async () => {
  const objects = shop('catalog', 'checkout', 'web', 'cart').filter(
    ({ kind, metadata: { name } }) =>
      name !== 'web-v2'
      && !(name === 'web' && kind === 'DestinationRule')
      && !(name === 'cart' && kind === 'VirtualService'),
  )
  const store = new MemoryStore(objects, { namespace: 'shop' })
  const { code, stderr } = await runCommand(words('cohort internal --to v2 --all-services'), { store })
  assert.equal(code, 0, stderr)
  assert.deepEqual(having(store, 'internal'), ['catalog', 'checkout'])
  const none = await runCommand(words('cohort internal --to v9 --all-services'), { store })
  assert.equal(none.code, 1)
  assert.match(none.stderr, /no Service in namespace shop has a route, version v9 and a second version/)
})

test('the answer says which services must forward what the cohort is told by', async () => {
  const store = storeOf('catalog', 'checkout')
  const { stderr } = await runCommand(
    words('cohort internal --to v2 --service catalog,checkout --header x-team=qa --cookie beta=yes'),
    { store },
  )
  assert.match(
    stderr,
    /identified by header x-team and cookie beta\. .* must forward it: catalog and checkout,/,
  )
  const alone = await runCommand(words('cohort internal --to v2 --service catalog'), { store })
  assert.doesNotMatch(alone.stderr, /forward/)
  const labels = await runCommand(
    words('cohort pods --to v2 --service catalog,checkout --source-label app=web'),
    { store },
  )
  assert.equal(labels.code, 0, labels.stderr)
  assert.doesNotMatch(labels.stderr, /forward/)
})

for (const [line, message] of [
  ['cohort a catalog --to v2 --all-services', '--all-services cannot be used with the name of a Service'],
  ['cohort a --to v2 --service catalog.shop,web.other', 'the Services of one change are in one namespace'],
  [
    'cohort a --to v2 --service catalog,web --route /x',
    '--route and --virtual-service cannot be used with several',
  ],
  ['cohort a catalog,web --to v2 --service catalog', 'different Services are named'],
  ['cohort a --to v2 --service ,', 'is not a valid Service name'],
  ['cohort a --service catalog,web', 'needs --to VERSION, or --remove'],
  ['promote catalog,web v2', 'is not a valid Service name'],
] as const) {
  test(`"${line}" is a usage error`, async () => {
    const store = storeOf('catalog', 'web')
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 2, stderr)
    assert.ok(stderr.includes(message), stderr)
    assert.equal(store.applied.length, 0)
  })
}

test('a cohort set for some services and removed from them leaves the objects as they were', async () => {
  const names = ['catalog', 'checkout', 'web']
  const some = fc.subarray(names, { minLength: 1 })
  const before = fc.constantFrom(
    '',
    'cohort other catalog --to v2',
    'weight checkout v2=20',
    'cohort other --to v2 --all-services',
  )
  await fc.assert(
    fc.asyncProperty(before, some, fc.boolean(), async (first, chosen, byName) => {
      const store = storeOf(...names)
      if (first !== '') await runCommand(words(first), { store })
      const start = stateOf(store)
      const add = await runCommand(words(`cohort qa --to v2 --service ${chosen.join(',')}`), { store })
      assert.equal(add.code, 0, add.stderr)
      assert.deepEqual(having(store, 'qa'), chosen.toSorted())
      const which = byName ? `--service ${chosen.join(',')}` : '--all-services'
      const remove = await runCommand(words(`cohort qa --remove ${which}`), { store })
      assert.equal(remove.code, 0, remove.stderr)
      assert.deepEqual(stateOf(store), start)
    }),
    { numRuns: 25 },
  )
})
