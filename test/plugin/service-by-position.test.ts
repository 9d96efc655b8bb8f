import assert from 'node:assert/strict'
import test from 'node:test'
import { chosenService } from '../../plugin/words/names.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, words } from './run-command.ts'
import { shop, storeOf } from './shop.ts'

for (const [byPosition, byFlag] of [
  ['weight catalog v2=10', 'weight v2=10 --service catalog'],
  ['weight svc/catalog v2=10', 'weight v2=10 --service catalog'],
  ['weight catalog.shop v2=10,v1=90', 'weight v2=10,v1=90 --service catalog'],
  ['weight catalog v2=10 v1=90', 'weight v2=10,v1=90 --service catalog'],
  ['promote catalog v2', 'promote v2 --service catalog'],
  ['promote -n shop service/catalog v2', 'promote v2 --service catalog'],
  ['cohort internal catalog --to v2', 'cohort internal --to v2 --service catalog'],
  ['cohort --to v2 internal services/catalog', 'cohort internal --to v2 --service catalog'],
  ['abort catalog', 'abort --service catalog'],
  ['abort catalog.shop.svc.cluster.local -n shop', 'abort --service catalog'],
  ['status catalog', 'status --service catalog'],
  ['status catalog --service catalog.shop', 'status --service catalog'],
  ['cohorts catalog', 'cohorts --service catalog'],
] as const) {
  test(`"${byPosition}" is "${byFlag}"`, async () => {
    const [one, other] = await Promise.all(
      [byPosition, byFlag].map(async line => {
        const store = storeOf('catalog', 'search')
        return { ended: await runCommand(words(line), { store }), objects: store.objects }
      }),
    )
    assert.equal(one!.ended.code, 0, one!.ended.stderr)
    assert.deepEqual(one, other)
  })
}

test('one word of promote is a version, even where a Service has that name', async () => {
  const store = storeOf('catalog', 'v2')
  const { code, stderr } = await runCommand(words('promote v2'), { store })
  assert.equal(code, 2, stderr)
  const offered = stderr.split('\n').filter(line => line.startsWith('    kubectl canary '))
  assert.deepEqual(
    offered.map(line => line.trim()),
    ['kubectl canary promote catalog v2', 'kubectl canary promote v2 v2'],
  )
})

test('the Service alone behind promote is an error that offers the Service before a version', async () => {
  const store = storeOf('catalog')
  const { code, stderr } = await runCommand(words('promote -n shop catalog'), { store })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: catalog is a Service in namespace shop, not a version\n.*:\n +kubectl canary promote -n shop catalog v2\n$/,
  )
})

test('a version that is not there is no Service, and the versions that are there are listed', async () => {
  for (const line of ['promote v9 -n shop', 'cohort internal --to v9 -n shop', 'weight v9=10 -n shop']) {
    const { code, stderr } = await runCommand(words(line), { store: storeOf('catalog') })
    assert.equal(code, 1, line)
    assert.match(stderr, /^error: no version v9 of catalog\b.*\n.*\bv1, v2\b/, line)
    assert.doesNotMatch(stderr, /is a Service/, line)
  }
})

test('words in the wrong order are an error whose command runs', async () => {
  for (const [wrong, right] of [
    ['promote v2 catalog -n shop', 'promote catalog v2 -n shop'],
    ['cohort catalog internal --to v2 -n shop', 'cohort internal catalog --to v2 -n shop'],
    ['abort v2 -n shop', 'abort catalog -n shop'],
    ['status v2 -n shop', 'status catalog -n shop'],
  ] as const) {
    const store = storeOf('catalog')
    const { code, stderr } = await runCommand(words(wrong), { store })
    assert.equal(code, 1, wrong)
    const offered = / Did you mean: kubectl canary (.*)$/m.exec(stderr)?.[1]
    assert.equal(offered, right, stderr)
    const ended = await runCommand(words(offered), { store })
    assert.equal(ended.code, 0, ended.stderr)
  }
})

test('a word that names neither a Service nor a version is answered with the Services alone', async () => {
  for (const line of ['abort v9 -n shop', 'promote v9 v2 -n shop', 'cohort internal v9 --to v2 -n shop']) {
    const { code, stderr } = await runCommand(words(line), { store: storeOf('catalog') })
    assert.equal(code, 1)
    assert.match(stderr, /^error: no Service v9 in namespace shop\n {2}Services: catalog\.\n$/)
  }
})

test('each candidate of an ambiguous command is a command that runs', async () => {
  for (const line of [
    'weight v2=10 --stable v1',
    'cohort internal --to v2 --force',
    '-n shop promote v2',
    'cohort --to v2 internal',
  ]) {
    const objects = shop('catalog', 'search')
    const { stderr } = await runCommand(words(line), {
      store: new MemoryStore(objects, { namespace: 'shop' }),
    })
    const offered = [...stderr.matchAll(/^ +kubectl canary (.*)$/gm)].map(([, command]) => command!)
    assert.equal(offered.length, 2, stderr)
    for (const command of offered) {
      assert.doesNotMatch(command, /--service/)
      const store = new MemoryStore(objects, { namespace: 'shop' })
      const { code, stderr: errors } = await runCommand(words(command), { store })
      assert.equal(code, 0, `${command}\n${errors}`)
    }
  }
})

test('an ambiguous abort repeats its flags with each candidate', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'shop.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: shop('catalog', 'search') }),
  )
  for (const line of ['weight catalog v2=10', 'weight search v2=10'])
    assert.equal((await folder.run(line)).code, 0)
  const { stderr } = await folder.run('abort')
  assert.match(stderr, /kubectl canary abort catalog -f \S+\n +kubectl canary abort search -f \S+\n$/)
})

test('candidates are cut at ten, with how many more there are', async () => {
  const names = Array.from({ length: 13 }, (_, i) => `web-${i + 10}`)
  const { stderr } = await runCommand(words('weight v2=10'), { store: storeOf(...names) })
  assert.match(stderr, /13 Services in namespace shop match: web-10, .*web-19 and 3 more\n/)
  assert.equal(stderr.match(/kubectl canary weight web-\d+ v2=10/g)?.length, 10)
  assert.match(stderr, /\n +and 3 more\n$/)
  const missing = await runCommand(words('weight nothing v2=10'), { store: storeOf(...names) })
  assert.match(missing.stderr, /Services: web-10, .*web-19 and 3 more\./)
})

test('two words for one Service agree where one of them has its namespace', () => {
  assert.equal(chosenService({ word: 'catalog', flag: 'svc/catalog.shop' }), 'svc/catalog.shop')
  assert.equal(chosenService({ word: 'catalog.shop', flag: 'catalog', namespace: 'shop' }), 'catalog.shop')
  assert.equal(chosenService({}), undefined)
})

test('the host of a ServiceEntry goes with any namespace, with a dot at its end where it has two parts', () => {
  assert.equal(chosenService({ word: 'api.example.com', namespace: 'shop' }), 'api.example.com')
  assert.equal(chosenService({ word: 'example.com.', namespace: 'shop' }), 'example.com.')
  assert.throws(() => chosenService({ word: 'example.com', namespace: 'shop' }), { code: 'usage' })
})

test('with -A beside -n all namespaces are shown, as by kubectl', async () => {
  const store = new MemoryStore([...readExample('catalog'), ...shop('search')], { namespace: 'shop' })
  const { code, stdout } = await runCommand(words('status -A -n shop'), { store })
  assert.equal(code, 0)
  assert.match(stdout, /catalog in namespace istioinaction/)
  assert.match(stdout, /search in namespace shop/)
})

test('lint takes its files by position, beside -f', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stderr } = await runCommand(['lint', folder.path, '-f', folder.path], {
    store: (await import('../../plugin/open-store.ts')).openStore,
  })
  assert.equal(code, 0, stderr)
})
