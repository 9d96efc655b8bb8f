import assert from 'node:assert/strict'
import test from 'node:test'
import { contentOf } from '../../../shared/objects/content/content.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { fc } from '../../properties.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

/** What a person may type on the way; commands that change nothing, or are refused, leave no revision. */
const command = fc.oneof(
  fc
    .tuple(fc.constantFrom('internal', 'beta'), fc.constantFrom('v1', 'v2'))
    .map(([name, to]) => `cohort ${name} catalog --to ${to}`),
  fc.constantFrom('internal', 'beta').map(name => `cohort ${name} catalog --remove`),
  fc.constantFrom(5, 50, 100).map(share => `weight catalog v2=${share} --stable v1`),
  fc.constantFrom('v1', 'v2').map(version => `promote catalog ${version}`),
  fc.constant('abort catalog'),
  fc.constant('undo catalog'),
)

/** The objects by name, without what a server keeps in them. */
const stateOf = ({ objects }: MemoryStore): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    objects
      .map(object => [keyOf(refOf(object)), contentOf(object)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

/** Runs the commands, and gives the state after each revision; that of 0 is the first. */
async function played(store: MemoryStore, lines: readonly string[]): Promise<readonly unknown[]> {
  const states: unknown[] = [stateOf(store)]
  for (const line of lines) {
    const { code, stderr } = await runCommand(words(line), { store })
    assert.ok([0, 1, 2, 3].includes(code), `${line}\n${stderr}`)
    if (store.history.records.length === states.length) states.push(stateOf(store))
    assert.deepEqual(states.at(-1), stateOf(store), `${line} changed something without a revision`)
  }
  return states
}

test('after any commands, undo to a revision gives the objects as they were after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 9 }), fc.nat(), async (lines, chosen) => {
      const store = new MemoryStore(readExample('catalog'))
      const states = await played(store, lines)
      const revision = chosen % states.length
      const { code, stderr } = await runCommand(words(`undo catalog --to-revision ${revision} --force`), {
        store,
      })
      if (states.length === 1) return assert.equal(code, 1)
      assert.equal(code, 0, stderr)
      assert.deepEqual(stateOf(store), states[revision])
    }),
    { numRuns: 60 },
  )
})

test('an undo of an undo gives back what the first one took away', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const first = stateOf(store)
  await runCommand(words('weight catalog v2=10'), { store })
  const second = stateOf(store)
  await runCommand(words('undo catalog'), { store })
  assert.deepEqual(stateOf(store), first)
  await runCommand(words('undo catalog'), { store })
  assert.deepEqual(stateOf(store), second)
})

test('an undo that is undone is named by its revision, however often', async () => {
  const store = new MemoryStore(readExample('catalog'))
  await runCommand(words('weight catalog v2=10'), { store })
  for (let i = 0; i < 3; i++) await runCommand(words('undo catalog'), { store })
  const { stdout } = await runCommand(words('history catalog -o json'), { store })
  const { changes } = JSON.parse(stdout) as { readonly changes: readonly { readonly title: string }[] }
  assert.deepEqual(
    changes.map(({ title }) => title),
    [
      'weight v1=90,v2=10',
      'undo of weight v1=90,v2=10, to before revision 1',
      'undo of revision 2, to revision 1',
      'undo of revision 3, to revision 2',
    ],
  )
})
