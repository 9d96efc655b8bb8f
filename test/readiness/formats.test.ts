import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { MemoryStore } from '../plugin/memory-store.ts'
import { runCommand } from '../plugin/run-command.ts'
import { disabled, peer, service, world } from './worlds.ts'

const root = join(import.meta.dirname, '../..')
const json = (path: string): object => JSON.parse(readFileSync(join(root, path), 'utf8')) as object
const healthy = world()
const broken = world(
  { rule: disabled, service: service(undefined, '{name: "a|b`c", port: 80}') },
  peer('mtls: {mode: STRICT}'),
)

const doctor = (objects: typeof healthy, ...words: readonly string[]) =>
  runCommand(['doctor', ...words], { store: new MemoryStore(objects, { namespace: 'shop' }) })

test('JSON keeps to its schema, of one service and of a namespace', async () => {
  const valid = new Ajv2020({ allErrors: true }).compile(json('docs/doctor-output.schema.json'))
  for (const objects of [healthy, broken])
    for (const words of [['catalog'], [], ['-A']]) {
      const { stdout } = await doctor(objects, ...words, '-o', 'json')
      const data: unknown = JSON.parse(stdout)
      assert.ok(valid(data), JSON.stringify(valid.errors))
    }
  assert.equal(
    valid({ ready: true, reports: [{ kind: 'Service', name: 'x', state: 'fine', checks: [] }] }),
    false,
  )
})

test('SARIF keeps to the schema of OASIS and names the check, the object and the fix', async () => {
  const { stdout, code } = await doctor(broken, '-o', 'sarif')
  const data = JSON.parse(stdout) as {
    readonly runs: readonly [
      {
        readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
        readonly results: readonly {
          readonly ruleId: string
          readonly level: string
          readonly message: { readonly text: string }
        }[]
      },
    ]
  }
  const {
    id: $id,
    $schema: _,
    ...schema
  } = json('test/fixtures/sarif/sarif-2.1.0.schema.json') as Readonly<Record<string, unknown>>
  const valid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile({
    $id,
    ...schema,
  } as object)
  assert.ok(valid(data), JSON.stringify(valid.errors))
  const [{ results, tool }] = data.runs
  const mtls = results.find(({ ruleId }) => ruleId === 'mtls')
  assert.equal(mtls?.level, 'error')
  assert.match(mtls?.message.text ?? '', /DestinationRule .*Fix: kubectl patch destinationrules/)
  for (const { ruleId } of results)
    assert.ok(
      tool.driver.rules.some(({ id }) => id === ruleId),
      ruleId,
    )
  assert.equal(code, 3)
})

test('Markdown has a row for each service, and what objects contain makes no markup', async () => {
  const { stdout } = await doctor(broken, '-o', 'markdown')
  assert.match(stdout, /^\| shop\/catalog \| not ready \| \d/m)
  assert.match(stdout, /a\\\|b\\`c/)
  assert.match(stdout, /```sh\n  kubectl patch/)
})

test('the exit code is 3 where something breaks, and 0 with warnings and without', async () => {
  assert.equal((await doctor(broken, 'catalog')).code, 3)
  assert.equal((await doctor(healthy, 'catalog')).code, 0)
  const warned = world({ service: service('sessionAffinity: ClientIP, selector: {app: catalog}') })
  assert.equal((await doctor(warned, 'catalog')).code, 0)
})

test('a table can be made of the results', async () => {
  const { stdout } = await doctor(broken, 'catalog', '-o', 'custom-columns=CHECK:.id,STATE:.state')
  assert.match(stdout, /^mtls +fail$/m)
})

test('a Service that does not exist is an error that names others', async () => {
  const { code, stderr } = await doctor(healthy, 'catalgo')
  assert.equal(code, 1)
  assert.match(stderr, /catalog/)
})
