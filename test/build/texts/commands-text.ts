import type { Command, Option } from 'commander'
import { buildProgram } from '../../../plugin/cli.ts'
import { sharedFlagsOf } from '../../../plugin/flags/grammar.ts'
import { Session } from '../../../plugin/session.ts'
import type { Streams } from '../../../plugin/streams.ts'

/** The page about every command and flag, from the program itself. */
export function commandsText(): string {
  const program = buildProgram(
    new Session([], silent, { openStore: () => Promise.reject(new TypeError('no command runs here')) }),
  )
  return [
    '# Commands',
    '',
    'Written by `npm run docs` from the program; do not edit. `kubectl canary COMMAND --help` says the same.',
    '',
    ...program.commands.map(command => `- [${command.name()}](#${command.name()}): ${command.summary()}`),
    '',
    ...program.commands.flatMap(command => commandLines(program, command, 2)),
    '## Flags of every command',
    '',
    ...optionLines(program.options),
    '',
    ...exitCodeLines,
    '',
  ].join('\n')
}

const silent: Streams = {
  stdin: (async function* () {
    /* nothing to read */
  })(),
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: {},
  interrupt: new AbortController().signal,
  now: () => new Date(0),
  wait: () => Promise.resolve(),
}

function commandLines(program: Command, command: Command, level: number): readonly string[] {
  const shared = sharedFlagsOf(program, command)
  const examples = examplesOf(command)
  return [
    `${'#'.repeat(level)} ${command.name()}`,
    '',
    command.description(),
    '',
    '```',
    `kubectl canary ${[...path(command), usageOf(command)].join(' ')}`,
    '```',
    '',
    ...optionLines([...command.options, ...shared]),
    ...(command.options.length + shared.length > 0 ? [''] : []),
    ...(examples === '' ? [] : ['```', examples, '```', '']),
    ...command.commands.flatMap(member => commandLines(program, member, level + 1)),
  ]
}

/** The words and flags, as the command's help has them. */
const usageOf = (command: Command): string =>
  `${command
    .usage()
    .replace(/\[(options|flags)\]/g, '')
    .trim()} [flags]`.trimStart()

const path = (command: Command): readonly string[] =>
  command.parent === null ? [] : [...path(command.parent), command.name()]

const optionLines = (options: readonly Pick<Option, 'flags' | 'description'>[]): readonly string[] =>
  options.length === 0
    ? []
    : [
        '| flag | |',
        '|---|---|',
        ...options.map(
          ({ flags, description }) =>
            `| \`${flags.replaceAll('|', '\\|')}\` | ${description.replaceAll('|', '\\|')} |`,
        ),
      ]

/** What was added after the help, without its heading. */
function examplesOf(command: Command): string {
  let text = ''
  command
    .configureOutput({
      writeOut: part => {
        text += part
      },
    })
    .outputHelp()
  return /\nExamples?:\n([^]*)$/.exec(text)?.[1]?.replace(/^ {2}/gm, '').trimEnd() ?? ''
}

const exitCodeLines = [
  '## Exit codes',
  '',
  '| code | |',
  '|---|---|',
  '| 0 | done, or nothing to do |',
  '| 1 | error: the cluster, a file or an object does not allow it |',
  '| 2 | usage error: the command line is not valid |',
  '| 3 | refused by a rule, or because another program owns an object; `lint`: at least one error |',
  '| 7 | timed out |',
  '| 130 | interrupted |',
]
