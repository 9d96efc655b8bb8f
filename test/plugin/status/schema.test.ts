import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { openStore } from '../../../plugin/open-store.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { assertGolden } from './golden.ts'
import { inputs, now } from './inputs.ts'
import { assertStatusData, published, type StatusSchema } from './status-schema.ts'

async function assertHolds(store: MemoryStore, line: string): Promise<unknown> {
  const { code, stdout, stderr } = await runCommand(words(line), { store, now })
  assert.equal(code, 0, stderr)
  const data: unknown = JSON.parse(stdout)
  assertStatusData(data, line)
  return data
}

for (const [name, make] of Object.entries(inputs))
  test(`status -o json of ${name} has the fields of the schema and no others, and yaml says the same`, async () => {
    const store = await make()
    const data = await assertHolds(store, 'status -o json')
    await assertHolds(
      new MemoryStore(store.objects, { live: false, namespace: store.namespace }),
      'status -o json',
    )
    const { stdout } = await runCommand(words('status -o yaml'), { store, now })
    assert.deepEqual(parse(stdout), data)
    assertGolden(
      `${name.replaceAll(/\W+/g, '-').toLowerCase()}.json`,
      `${JSON.stringify(data, undefined, 2)}\n`,
    )
  })

const fixtures = join(import.meta.dirname, '../../fixtures')
const folders = [
  'healthy',
  'mistakes/broken',
  'mistakes/healthy',
  'cases/edits',
  'cases/one-reading',
  'placeholders',
].flatMap(folder =>
  readdirSync(join(fixtures, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() || entry.name.endsWith('.yaml'))
    .map(entry => join(fixtures, folder, entry.name)),
)

test('status -o json of all sorts of files has the fields of the schema and no others', async () => {
  let services = 0
  for (const folder of folders) {
    const { code, stdout } = await runCommand(['status', '-f', folder, '-o', 'json'], {
      store: openStore,
      now,
    })
    if (code !== 0) continue
    const data = JSON.parse(stdout) as { readonly services: readonly unknown[] }
    services += data.services.length
    assertStatusData(data, folder)
  }
  assert.ok(services > 30, `${services} services`)
})

test('status -o json holds to the schema after each sort of edit', async () => {
  const make = inputs['cohorts at gateway and mesh']!
  const labelled = await make()
  const apart = 'cohort internal --to v2 --source-label app=webapp'
  assert.equal((await runCommand(words(apart), { store: labelled, now })).code, 0)
  await assertHolds(labelled, 'status -o json')
  const store = await make()
  for (const line of [
    'weight v2=25 --sticky',
    'cohort early --to v2=50 --bucket 5% --by x-user-id --reason rehearsal',
    'cohort shop --to v2 --cookie user=ann --query beta=1',
    'cohort --remove internal',
    'promote v2',
  ]) {
    const { code, stderr } = await runCommand(words(line), { store, now })
    assert.equal(code, 0, `${line}: ${stderr}`)
    await assertHolds(store, 'status -o json')
  }
})

/** Each field of the schema by its path. */
function fieldsOf(schema: StatusSchema, path: string, seen: readonly string[] = []): readonly string[] {
  const { $ref } = schema
  if ($ref !== undefined) {
    if (seen.includes($ref)) return []
    return fieldsOf(published.definitions![$ref.slice('#/definitions/'.length)]!, path, [...seen, $ref])
  }
  if (schema.items !== undefined) return fieldsOf(schema.items, `${path}[]`, seen)
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
    `${path}.${key}`,
    ...fieldsOf(value, `${path}.${key}`, seen),
  ])
}

test('no field of the schema goes away or is called otherwise: people read them in scripts', () => {
  assertGolden('status-fields.txt', `${fieldsOf(published, '').join('\n')}\n`)
})
