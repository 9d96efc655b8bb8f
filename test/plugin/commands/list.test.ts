import assert from 'node:assert/strict'
import test from 'node:test'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { shop, storeOf } from '../shop.ts'

async function inCanary(): Promise<MemoryStore> {
  const store = storeOf('catalog', 'search', 'web')
  for (const line of ['weight catalog v2=10', 'cohort internal search --to v2']) {
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 0, stderr)
  }
  return store
}

test('list has a line for each service with a canary, in the words that the commands take', async () => {
  const { code, stdout, stderr } = await runCommand(words('list'), { store: await inCanary() })
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(
    stdout,
    `SERVICE   STABLE   SHARES        COHORTS       CHANGED   BY      FINDINGS
catalog   v1       v1=90,v2=10   -             0s        alice   -
search    v1       v1=100        internal=v2   0s        alice   -
`,
  )
})

test('list -A has the namespace, and list -o wide who is ready and the rules', async () => {
  const store = await inCanary()
  const all = await runCommand(words('list -A'), { store })
  assert.match(all.stdout, /^NAMESPACE +SERVICE .*\nshop +catalog /)
  const wide = await runCommand(words('list catalog -o wide'), { store })
  assert.match(wide.stdout, /READY +CHANGED +BY +FINDINGS\ncatalog .* v1=1\/1,v2=1\/1 +0s +alice /)
  assert.equal(wide.stdout.trimEnd().split('\n').length, 2)
})

test('list counts what the rules find, by severity, and -o wide names the rules', async () => {
  const store = await inCanary()
  store.objects = store.objects.filter(
    ({ kind, metadata }) => kind !== 'DestinationRule' || metadata.name !== 'catalog',
  )
  assert.match((await runCommand(words('list catalog'), { store })).stdout, /^catalog .* 2 errors/m)
  assert.match(
    (await runCommand(words('list catalog -o wide'), { store })).stdout,
    / subset-without-destination-rule$/m,
  )
})

test('list -o json, yaml and name are for programs', async () => {
  const store = await inCanary()
  const { canaries } = JSON.parse((await runCommand(words('list -o json'), { store })).stdout)
  assert.deepEqual(
    canaries.map(({ namespace, service, stable, shares, cohorts }: Record<string, unknown>) => ({
      namespace,
      service,
      stable,
      shares,
      cohorts,
    }))[0],
    {
      namespace: 'shop',
      service: 'catalog',
      stable: 'v1',
      shares: [
        { version: 'v1', least: 90, most: 90 },
        { version: 'v2', least: 10, most: 10 },
      ],
      cohorts: [],
    },
  )
  assert.match(
    (await runCommand(words('list -o yaml'), { store })).stdout,
    /^canaries:\n {2}- namespace: shop\n/,
  )
  assert.equal(
    (await runCommand(words('list -o name'), { store })).stdout,
    'service/catalog\nservice/search\n',
  )
})

test('list without a canary says so and ends well', async () => {
  assert.deepEqual(await runCommand(words('list'), { store: storeOf('catalog') }), {
    code: 0,
    stdout: '',
    stderr: [
      'No canaries in progress in namespace shop.',
      '  To show who gets what: kubectl canary status -n shop',
      '  To begin one: kubectl canary weight SERVICE VERSION=10 -n shop',
      '',
    ].join('\n'),
  })
})

test('commands that find no service say where else to look and how to route one', async () => {
  const told = async (line: string): Promise<string> =>
    (await runCommand(words(line), { store: new MemoryStore([]) })).stderr
  for (const verb of ['list', 'status', 'cohorts'])
    assert.equal(
      (await told(verb)).replace('No cohorts found.\n', ''),
      [
        'No routed services found in namespace istioinaction.',
        `  To look in all namespaces: kubectl canary ${verb} -A`,
        '  To route one: kubectl canary init SERVICE --stable VERSION -n istioinaction',
        '',
      ].join('\n'),
    )
  assert.match(await told('list -A'), /\n {2}To route one: .* init SERVICE\.NAMESPACE --stable VERSION\n$/)
  assert.doesNotMatch(await told('list -f k8s/'), /all namespaces/)
  assert.doesNotMatch(await told('list -l app=web'), /To route one/)
})

test('list names the files in which there is no canary so that a sentence can end with them', async () => {
  for (const [path, said] of [
    ['.', 'the current folder'],
    ['./', 'the current folder'],
    ['..', '".."'],
    ['k8s/', 'k8s'],
    ['-', 'standard input'],
  ])
    assert.ok(
      (await runCommand(['list', '-f', path!], { store: storeOf('catalog') })).stderr.startsWith(
        `No canaries in progress in ${said}.\n  To show who gets what: kubectl canary status -f `,
      ),
    )
})

test('a route that splits is a canary though nothing is recorded, and one by path is none', async () => {
  const store = new MemoryStore(readExample('forty-routes', 'shop'), { namespace: 'shop' })
  const names = (await runCommand(words('list -o name'), { store })).stdout
  assert.doesNotMatch(names, /catalog/)
  const [service, ...rest] = shop('catalog')
  const split = rest.map(object =>
    object.kind === 'VirtualService'
      ? {
          ...object,
          spec: {
            hosts: ['catalog'],
            http: [
              {
                route: ['v1', 'v2'].map(subset => ({ destination: { host: 'catalog', subset }, weight: 50 })),
              },
            ],
          },
        }
      : object,
  )
  const split_ = await runCommand(words('list'), {
    store: new MemoryStore([service!, ...split], { namespace: 'shop' }),
  })
  assert.match(split_.stdout, /^catalog +- +v1=50,v2=50 /m)
})

const many = Array.from({ length: 200 }, (_, i) => `web-${i + 100}`)

test('status of many services has a line for each, and says how to see the rest', async () => {
  const store = storeOf(...many)
  const { code, stdout, stderr } = await runCommand(words('status'), { store })
  assert.equal(code, 0)
  assert.equal(stdout.trimEnd().split('\n').length, 201)
  assert.match(stdout, /^SERVICE +STABLE +SHARES +COHORTS +FINDINGS\nweb-100 +- +v1=100 +- +-\n/)
  assert.match(stderr, /^note: 200 services, one line each: .*name a Service .*--all or -o wide\.\n$/)
})

test('status --all, -o wide and the name of a Service show all of it, and so do ten services', async () => {
  const store = storeOf(...many.slice(0, 11))
  for (const [line, count] of [
    ['status --all', 11],
    ['status -o wide', 11],
    ['status web-105', 1],
  ] as const) {
    const { stdout, stderr } = await runCommand(words(line), { store })
    assert.equal(stderr, '')
    assert.equal(stdout.match(/^web-\d+ in namespace shop/gm)?.length, count, line)
  }
  const ten = await runCommand(words('status'), { store: storeOf(...many.slice(0, 10)) })
  assert.equal(ten.stdout.match(/^web-\d+ in namespace shop/gm)?.length, 10)
})
