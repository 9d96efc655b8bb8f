import assert from 'node:assert/strict'
import test from 'node:test'
import { widthOf } from '../../../plugin/print/table.ts'
import { runCommand, words } from '../run-command.ts'
import { assertGolden } from './golden.ts'
import { inputs, now } from './inputs.ts'

const env = { NO_COLOR: '1', LANG: 'en_US.UTF-8' }

for (const [name, make] of Object.entries(inputs)) {
  const file = name.replaceAll(/\W+/g, '-').toLowerCase()
  for (const columns of [60, 80, 120, 200]) {
    test(`status of ${name} fits into ${columns} columns, and no word is broken`, async () => {
      const store = await make()
      const { stdout } = await runCommand(words('status'), { store, now, env, isTTY: true, columns })
      const lines = stdout.split('\n')
      assert.deepEqual(
        lines.filter(line => widthOf(line) > columns && line.trim().includes(' ')),
        [],
      )
      assertGolden(`${file}-${columns}.txt`, stdout)
    })
  }

  test(`status of ${name} in a pipe says everything, in one line each`, async () => {
    const store = await make()
    const { stdout } = await runCommand(words('status'), { store, now, env })
    assert.doesNotMatch(stdout, /…/)
    assertGolden(`${file}-piped.txt`, stdout)
  })
}
