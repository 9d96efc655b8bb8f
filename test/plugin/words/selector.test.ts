import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSelector } from '../../../plugin/words/selector.ts'
import { fc } from '../../properties.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { shop } from '../shop.ts'

const labels = { app: 'web', env: 'dev', 'example.com/team': 'a' }

for (const [selector, isMet] of [
  ['app=web', true],
  ['app==web', true],
  ['app = web', true],
  ['app=api', false],
  ['app!=api', true],
  ['tier!=cache', true],
  ['app', true],
  ['tier', false],
  ['!tier', true],
  ['!app', false],
  ['env in (dev,qa)', true],
  ['env in (qa)', false],
  ['tier in (a)', false],
  ['env notin (qa, prod)', true],
  ['tier notin (a)', true],
  ['app=web,env in (dev, qa),!legacy', true],
  ['app=web,env in (qa)', false],
  ['example.com/team=a', true],
] as const) {
  test(`labels are ${isMet ? '' : 'not '}selected by ${selector}, as by kubectl`, () =>
    assert.equal(parseSelector(selector)(labels), isMet))
}

for (const selector of ['', 'app=a b', 'app in dev', 'app in (dev', ',app', '=web', 'a=b=c'])
  test(`${JSON.stringify(selector)} is no selector`, () =>
    assert.throws(() => parseSelector(selector), { code: 'usage' }))

test('what is equal is selected, what differs is not, and a set holds each of its members', () => {
  const word = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,8}[a-z0-9])?$/)
  fc.assert(
    fc.property(word, word, fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), (name, value, set) => {
      assert.ok(parseSelector(`${name}=${value}`)({ [name]: value }))
      assert.ok(!parseSelector(`${name}!=${value}`)({ [name]: value }))
      for (const member of set) assert.ok(parseSelector(`${name} in (${set.join(',')})`)({ [name]: member }))
      assert.equal(parseSelector(`${name} notin (${set.join(',')})`)({ [name]: value }), !set.includes(value))
    }),
  )
})

const store = (): MemoryStore =>
  new MemoryStore(
    shop('catalog', 'search').map(object =>
      object.kind === 'Service'
        ? { ...object, metadata: { ...object.metadata, labels: { team: object.metadata.name } } }
        : object.kind === 'DestinationRule'
          ? { ...object, spec: { host: object.metadata.name, subsets: [] } }
          : object,
    ),
    { namespace: 'shop' },
  )

test('-l chooses the services of status, list, cohorts and lint by the labels of the Service', async () => {
  const status = await runCommand(words('status -l team=search'), { store: store() })
  assert.match(status.stdout, /^search in namespace shop/)
  assert.doesNotMatch(status.stdout, /catalog/)
  const lint = await runCommand(words('lint -l team=search -o json'), { store: store() })
  const { findings } = JSON.parse(lint.stdout) as { readonly findings: readonly { readonly name: string }[] }
  assert.equal(lint.code, 3)
  assert.deepEqual([...new Set(findings.map(({ name }) => name))], ['search'])
  const nothing = await runCommand(words('cohorts -l team=nobody -A'), { store: store() })
  assert.match(nothing.stderr, /No routed services found in any namespace with these labels/)
})

for (const [line, message] of [
  ['status catalog -l team=search', /--selector cannot be used with the name of a Service/],
  ['weight v2=10 -l team=search', /--selector cannot be used with weight/],
  ['status --version', /--version cannot be used with status/],
] as const)
  test(`"${line}" is a usage error`, async () => {
    const { code, stderr } = await runCommand(words(line), { store: store() })
    assert.equal(code, 2)
    assert.match(stderr, message)
  })

test('--version prints the version, as the command does, with -o json too', async () => {
  for (const [flag, command] of [
    ['--version', 'version'],
    ['--version -o json', 'version -o json'],
    ['-n shop --version', 'version'],
  ] as const)
    assert.deepEqual(await runCommand(words(flag)), await runCommand(words(command)))
})
