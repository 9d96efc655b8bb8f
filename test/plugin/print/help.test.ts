import assert from 'node:assert/strict'
import test from 'node:test'
import { buildProgram } from '../../../plugin/cli.ts'
import { Session } from '../../../plugin/session.ts'
import { runCommand, streamsOf, words } from '../run-command.ts'

const program = buildProgram(
  new Session([], streamsOf({}, { stdout: '', stderr: '' }), {
    openStore: () => Promise.reject(new TypeError('nothing is opened here')),
  }),
)

for (const name of program.commands.map(command => command.name())) {
  test(`the help of ${name} is the same in three spellings, with the flags last in its usage`, async () => {
    const spellings = await Promise.all(
      [`${name} --help`, `help ${name}`, `--help ${name}`].map(line => runCommand(words(line))),
    )
    for (const { code, stdout, stderr } of spellings)
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: spellings[0]!.stdout, stderr: '' })
    assert.match(spellings[0]!.stdout, new RegExp(`^Usage: kubectl canary ${name}( .+)? \\[flags\\]\n`))
  })
}

test('a mode behind bare --dry-run is taken for a word, as by kubectl, and what was meant is told', async () => {
  const { code, stderr } = await runCommand(words('weight v2=10 --dry-run server'))
  assert.equal(code, 2)
  assert.match(
    stderr,
    /error: server has no percentage\n(.*\n)* {2}Did you mean --dry-run=server\? The value of --dry-run needs an equals sign\.\n$/,
  )
})
