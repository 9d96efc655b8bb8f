import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import { MemoryStore } from '../memory-store.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { shop, storeOf } from '../shop.ts'

const later = new Date('2026-08-05T12:00:00Z')
/** The same shop in another namespace. */
const elsewhere = (namespace: string, ...names: readonly string[]) =>
  shop(...names).map(object => ({ ...object, metadata: { ...object.metadata, namespace } }))

async function runs(store: MemoryStore, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 0, `${line}: ${stderr}`)
  }
}
const at = (store: MemoryStore, line: string): Promise<Ended> =>
  runCommand(words(line), { store, now: later })

test('cohorts lists who set each, its age and end, and --expired those whose end has passed', async () => {
  const store = storeOf('catalog', 'checkout')
  await runs(store, 'cohort old --to v2 --all-services --until 2d')
  store.history.user = 'bob'
  await runs(store, 'cohort new catalog --to v2 --until 30d')
  const { stdout, stderr } = await at(store, 'cohorts')
  assert.equal(
    stdout,
    `SERVICE    COHORT   VERSION   OWNER   AGE   ENDS           CONDITIONS
catalog    old      v2        alice   4d    ended 2d ago   x-istio-cohort: old
catalog    new      v2        bob     4d    in 26d         x-istio-cohort: new
checkout   old      v2        alice   4d    ended 2d ago   x-istio-cohort: old
`,
  )
  assert.equal(
    stderr,
    'note: 2 cohorts are expired. To remove them: kubectl canary cohorts --expired --remove\n',
  )
  const { stdout: data } = await at(store, 'cohorts --expired -o json')
  const listed = (JSON.parse(data) as { readonly cohorts: readonly Record<string, unknown>[] }).cohorts
  assert.deepEqual(
    listed.map(({ service, name, owner, expired }) => [service, name, owner, expired]),
    [
      ['catalog', 'old', 'alice', true],
      ['checkout', 'old', 'alice', true],
    ],
  )
})

test('where the history cannot be read, nobody is named, and the rest is listed', async () => {
  const store = storeOf('catalog')
  await runs(store, 'cohort old --to v2 --until 2d')
  store.history.missing = 'forbidden'
  const { code, stdout } = await at(store, 'cohorts')
  assert.equal(code, 0)
  assert.match(stdout, /^SERVICE +COHORT +VERSION +AGE +ENDS +CONDITIONS\ncatalog +old/)
})

test('--expired --remove removes all of a namespace as one change, and one undo brings them back', async () => {
  const store = storeOf('catalog', 'checkout', 'web')
  await runs(
    store,
    'cohort stays catalog --to v2',
    'cohort old --to v2 --service catalog,checkout --until 1h',
  )
  const before = JSON.stringify(
    store.objects.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  )
  const dry = await at(store, 'cohorts --expired --remove --dry-run=client')
  assert.match(dry.stdout, /catalog configured \(dry run\)\n.*checkout configured \(dry run\)\n/)
  assert.equal(store.history.records.length, 3)
  const { code, stdout, stderr } = await at(store, 'cohorts --expired --remove --reason over')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^catalog: cohort stays .*\ncheckout: everyone → v1\n/)
  assert.deepEqual(
    store.history.records.slice(3).map(({ service, title, reason }) => [service, title, reason]),
    ['catalog', 'checkout'].map(name => [
      name,
      'expired cohorts removed: old of catalog.shop, old of checkout.shop',
      'over',
    ]),
  )
  assert.equal(new Set(store.history.records.slice(3).map(({ id }) => id)).size, 1)
  const again = await at(store, 'cohorts --expired --remove')
  assert.deepEqual([again.code, again.stdout], [0, 'unchanged\n'])
  assert.match(again.stderr, /No cohort is expired in namespace shop\./)
  assert.equal((await at(store, 'undo checkout')).code, 0)
  assert.equal(
    JSON.stringify(store.objects.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))),
    before,
  )
})

test('-A removes those of all namespaces as one change, a Service those of its own, and undo reaches all', async () => {
  const objects = [...shop('catalog'), ...elsewhere('billing', 'invoice')]
  const set = async (): Promise<MemoryStore> => {
    const store = new MemoryStore(objects, { namespace: 'shop' })
    await runs(store, 'cohort a catalog --to v2 --until 1h', 'cohort b invoice.billing --to v2 --until 1h')
    return store
  }
  const one = await set()
  assert.equal((await at(one, 'cohorts invoice.billing --expired --remove')).code, 0)
  assert.match((await at(one, 'cohorts -A')).stdout, /catalog +a .*\n$/)
  const all = await set()
  const removed = await at(all, 'cohorts -A --expired --remove')
  assert.equal(removed.code, 0, removed.stderr)
  assert.match(
    removed.stdout,
    /catalog configured in namespace shop\n.*invoice configured in namespace billing\n/,
  )
  assert.match((await at(all, 'cohorts -A')).stderr, /No cohorts found/)
  assert.equal((await at(all, 'undo catalog')).code, 0)
  assert.match((await at(all, 'cohorts -A')).stdout, /invoice +b .*[\s\S]*catalog +a/)
})

test('on files, the expired cohorts of a whole folder are removed, and the files are as they were', async () => {
  using folder = new ManifestsFolder('catalog')
  const start = folder.texts()
  const set = await folder.run('cohort old --to v2 --until 1h')
  assert.equal(set.code, 0, set.stderr)
  const during = folder.texts()
  const listed = await folder.run('cohorts --expired', { now: later })
  const [, offered] = /To remove it: kubectl canary (.*) -f /.exec(listed.stderr) ?? []
  assert.equal(offered, 'cohorts --expired --remove', listed.stderr)
  const dry = await folder.run(`${offered} --dry-run=client`, { now: later })
  assert.deepEqual([dry.code, folder.texts()], [0, during], dry.stderr)
  const { code, stderr } = await folder.run(offered, { now: later })
  assert.equal(code, 0, stderr)
  assert.deepEqual(folder.texts(), start)
})

test('what a cohort was set for and is gone is listed as left over, with a command that removes it', async () => {
  const gone: readonly (readonly [kind: string, name: string, text: string])[] = [
    ['Service', 'catalog', 'the Service is gone'],
    ['Deployment', 'catalog-v2', 'v2 has no workload'],
  ]
  for (const [kind, name, text] of gone) {
    const store = storeOf('catalog', 'checkout')
    await runs(store, 'cohort internal --to v2 --all-services')
    store.objects = store.objects.filter(object => object.kind !== kind || object.metadata.name !== name)
    const { stdout, stderr } = await at(store, 'cohorts')
    assert.match(stdout, new RegExp(`catalog +internal .*${text}`))
    assert.match(stdout, /checkout +internal .* - +x-istio-cohort/)
    const [, command] = /To remove it: kubectl canary (.*)$/m.exec(stderr) ?? []
    const removed = await at(store, command!)
    assert.equal(removed.code, 0, removed.stderr)
    assert.doesNotMatch((await at(store, 'cohorts')).stdout, /catalog/)
  }
})

test('a cohort whose routes or version somebody deleted is left over', async () => {
  const store = storeOf('catalog')
  await runs(store, 'cohort internal --to v2')
  store.objects = store.objects.map(object =>
    object.kind === 'VirtualService'
      ? ({
          ...object,
          spec: {
            hosts: ['catalog'],
            http: [{ route: [{ destination: { host: 'catalog', subset: 'v1' } }] }],
          },
        } as typeof object)
      : object,
  )
  assert.match((await at(store, 'cohorts')).stdout, /internal .* its routes are gone/)
  const { stdout } = await at(store, 'cohorts -o json')
  assert.match(stdout, /"leftover": "routes-gone"/)
  store.objects = store.objects
    .filter(({ metadata }) => metadata.name !== 'catalog-v2')
    .map(object =>
      object.kind === 'DestinationRule'
        ? ({
            ...object,
            spec: { host: 'catalog', subsets: [{ name: 'v1', labels: { version: 'v1' } }] },
          } as typeof object)
        : object,
    )
  assert.match((await at(store, 'cohorts')).stdout, /internal .* v2 is gone/)
  assert.equal((await at(store, 'cohort internal catalog --remove')).code, 0)
})

for (const [line, message] of [
  ['cohorts --remove', '--remove needs --expired'],
  ['cohorts --expired --force', '--force cannot be used without --expired --remove'],
  ['cohorts --dry-run=client', '--dry-run cannot be used without --expired --remove'],
  ['cohorts --expired --reason x', '--reason cannot be used without --expired --remove'],
  ['cohorts catalog -A --expired --remove', '--all-namespaces cannot be used with the name of a Service'],
  ['cohorts --expired --remove -o wide', 'wide'],
] as const) {
  test(`"${line}" is a usage error`, async () => {
    const { code, stderr } = await runCommand(words(line), { store: storeOf('catalog') })
    assert.equal(code, 2, stderr)
    assert.ok(stderr.includes(message), stderr)
  })
}

test('a removal that one service cannot take removes none, and names that service', async () => {
  const store = storeOf('catalog', 'checkout')
  await runs(store, 'cohort old --to v2 --all-services --until 1h')
  store.objects = store.objects.map(object =>
    object.kind === 'VirtualService' && object.metadata.name === 'checkout'
      ? {
          ...object,
          metadata: {
            ...object.metadata,
            ownerReferences: [
              {
                apiVersion: 'flagger.app/v1beta1',
                kind: 'Canary',
                name: 'checkout',
                uid: '1',
                controller: true,
              },
            ],
          },
        }
      : object,
  )
  const { code, stderr } = await at(store, 'cohorts --expired --remove')
  assert.equal(code, 3, stderr)
  assert.match(stderr, /expired cohorts cannot be removed from checkout\.shop, so no Service is changed/)
  assert.equal(store.applied.length, 1)
})

test('whichever cohorts expire, their removal leaves those that are left as if the others had never been', async () => {
  const names = ['catalog', 'checkout']
  const cohort = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    service: fc.constantFrom(...names),
    ends: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(cohort, { maxLength: 5, selector: one => one.name + one.service }),
      async all => {
        const [with_, without] = [storeOf(...names), storeOf(...names)]
        for (const { name, service, ends } of all) {
          const line = `cohort ${name} ${service} --to v2`
          await runs(with_, ends ? `${line} --until 1h` : line)
          if (!ends) await runs(without, line)
        }
        assert.equal((await at(with_, 'cohorts --expired --remove')).code, 0)
        const state = (store: MemoryStore) => store.objects.map(object => JSON.stringify(object)).toSorted()
        assert.deepEqual(state(with_), state(without))
      },
    ),
    { numRuns: 25 },
  )
})
