import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import type { Command } from 'commander'
import { buildProgram } from '../../plugin/cli.ts'
import { run as complete } from '../../plugin/complete/complete.ts'
import { Session } from '../../plugin/session.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, streamsOf } from './run-command.ts'

const program = buildProgram(
  new Session([], streamsOf({}, { stdout: '', stderr: '' }), {
    openStore: () => Promise.reject(new TypeError('nothing is opened here')),
  }),
)
const leaves = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : [command, ...command.commands.flatMap(leaves)]
const commands = program.commands.flatMap(leaves)
const pathOf = (command: Command): readonly string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()]

/** Words with which each command has all that it needs. */
const needed: Readonly<Record<string, readonly string[]>> = {
  init: ['webapp', '--stable', 'v1'],
  cohort: ['internal', 'catalog', '--to', 'v2'],
  weight: ['catalog', 'v2=10'],
  mirror: ['catalog', 'v2=25'],
  promote: ['catalog', 'v2'],
  abort: ['catalog'],
  run: ['catalog', 'v2'],
  pause: ['catalog'],
  resume: ['catalog'],
  wait: ['catalog'],
  try: ['http://catalog/'],
  explain: ['weights-sum-to-100'],
  completion: ['bash'],
}

async function run(command: Command, flags: readonly string[]) {
  const argv = [...pathOf(command), ...(needed[command.name()] ?? []), ...flags]
  return runCommand(argv, { store: new MemoryStore(readExample('catalog')) })
}

async function proposed(words: readonly string[]): Promise<readonly string[]> {
  const written = { stdout: '', stderr: '' }
  await complete(words, streamsOf({}, written), {
    openStore: async () => new MemoryStore(readExample('catalog')),
  })
  return written.stdout.split('\n').map(line => line.split('\t')[0]!)
}

const helpOf = async (command: Command): Promise<string> =>
  (await runCommand([...pathOf(command), '--help'])).stdout

/** A value that the flag could have, so that only the flag itself can be refused. */
const tried: Readonly<Record<string, readonly string[]>> = {
  '--filename': ['--filename', '/dev/null'],
  '--all-namespaces': ['--all-namespaces'],
  '--dry-run': ['--dry-run=client'],
  '--selector': ['--selector', 'app=web'],
  '--reason': ['--reason', 'a test'],
  '--settle': ['--settle', '0'],
  '--ready-timeout': ['--ready-timeout', '0'],
  '--drain': ['--drain', '1m30s'],
  '--history-limit': ['--history-limit', '3'],
  '--emit-patch': ['--emit-patch', 'merge'],
}

for (const command of commands) {
  const name = pathOf(command).join(' ')

  test(`the shared flags that ${name} accepts are those of its help and its completion`, async () => {
    const [help, flags] = [await helpOf(command), await proposed([...pathOf(command), '--'])]
    for (const [flag, words] of Object.entries(tried)) {
      const isIncompatible = flag === '--all-namespaces' && needed[command.name()] !== undefined
      const { stderr } = await run(command, words)
      const isAccepted = !stderr.includes(`${flag} cannot be used with ${command.name()}`)
      assert.equal(help.includes(flag), isAccepted, `help of ${name}: ${flag}`)
      assert.equal(flags.includes(flag), isAccepted, `completion of ${name}: ${flag}`)
      if (isIncompatible) assert.equal(isAccepted, false)
    }
  })

  test(`the formats that ${name} accepts are those of its help and its completion`, async () => {
    const all = ['json', 'yaml', 'name', 'wide', 'sarif', 'junit', 'github', 'jsonpath=', 'jsonpath-as-json=']
    const listed =
      /--output <format> +(?:one of )?([^]*?)\n(?: {2}-|\n|$)/.exec(await helpOf(command))?.[1] ?? ''
    const formats = listed.split(/[,\s]+/).filter(word => word !== '')
    const completed = (await proposed([...pathOf(command), '-o', ''])).filter(word => /^[a-z]/.test(word))
    if (formats.length > 0) assert.deepEqual(completed.toSorted(), formats.toSorted())
    for (const format of all) {
      const { code, stderr } = await run(command, ['-o', format.endsWith('=') ? `${format}{.a}` : format])
      assert.equal(
        code === 2 && /unknown output format|--output cannot be used/.test(stderr),
        !formats.includes(format),
        `${name} -o ${format}: ${stderr}`,
      )
    }
  })

  test(`completion proposes every flag of the help of ${name}, and no other`, async () => {
    const help = await helpOf(command)
    const flags = await proposed([...pathOf(command), '--'])
    for (const option of command.options) assert.ok(flags.includes(option.long!), option.long)
    for (const [, flag] of help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm))
      if (flag !== '--help') assert.ok(flags.includes(flag!), flag)
  })
}

test('every command in the README, the documents and the help is one that the program can read', async () => {
  const root = new URL('../../', import.meta.url)
  const pages = [
    'README.md',
    'CHANGELOG.md',
    'docs/commands.md',
    'docs/lint.md',
    'docs/webhook.md',
    'docs/rules.md',
  ]
  const lines = pages.flatMap(page =>
    [...readFileSync(new URL(page, root), 'utf8').matchAll(/^(?:\$ |.*\| )?kubectl[ -]canary (.*)$/gm)].map(
      ([, line]) => line!.replace(/ {2,}.*$| [#>|] .*$| -w$/, ''),
    ),
  )
  assert.ok(lines.length > 20)
  for (const line of lines.filter(text => !/[[<…`]/.test(text))) {
    const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, word]) => double ?? single ?? word!,
    )
    const { code, stderr } = await runCommand(words, { store: new MemoryStore(readExample('catalog')) })
    assert.ok(code !== 2 || /Services in namespace|the weights add up to/.test(stderr), `${line}\n${stderr}`)
  }
})
