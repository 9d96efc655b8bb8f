import type { Command, Option } from 'commander'
import { buildProgram } from '../../../plugin/cli.ts'
import { sharedFlagsOf } from '../../../plugin/flags/grammar.ts'
import { Session } from '../../../plugin/session.ts'
import type { Streams } from '../../../plugin/streams.ts'

/** How deep a heading is, and whether flags and examples have headings of their own. */
export interface Level {
  readonly depth: number
  readonly parts?: boolean
}

/** What the program says of one command. */
export interface DescribedCommand {
  readonly name: string
  readonly summary: string
  /** Its words, flags and examples as Markdown, below a heading of some level; commands below it are one level deeper. */
  readonly linesAt: (level: Level) => readonly string[]
}

/** The page about every command and flag, from the program itself. */
export function commandsText(): string {
  const commands = describedCommands()
  return [
    '# Commands',
    '',
    'Written by `npm run docs` from the program; do not edit. `kubectl canary COMMAND --help` says the same.',
    '',
    ...commands.map(({ name, summary }) => `- [${name}](#${name}): ${summary}`),
    '',
    ...commands.flatMap(({ linesAt }) => linesAt({ depth: 2 })),
    ...sharedFlagLines(),
    '',
    ...exitCodeLines(),
    '',
  ].join('\n')
}

/** Every command, in the order of the help. */
export function describedCommands(): readonly DescribedCommand[] {
  const program = silentProgram()
  return program.commands.map(command => ({
    name: command.name(),
    summary: command.summary(),
    linesAt: level => commandLines(program, command, level),
  }))
}

/** The flags of the program itself. */
export const sharedFlagLines = (): readonly string[] => [
  '## Shared flags',
  '',
  'The table of each command lists which of these it takes. The flags from `--kubeconfig` on are for all commands that use a cluster.',
  '',
  ...optionLines(silentProgram().options),
]

const silentProgram = (): Command =>
  buildProgram(
    new Session([], silent, { openStore: () => Promise.reject(new TypeError('no command runs here')) }),
  )

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

function commandLines(program: Command, command: Command, level: Level): readonly string[] {
  const { depth, parts = false } = level
  const shared = sharedFlagsOf(program, command)
  const examples = examplesOf(command)
  const heading = (text: string): readonly string[] => (parts ? [`${'#'.repeat(depth + 1)} ${text}`, ''] : [])
  return [
    `${'#'.repeat(depth)} ${command.name()}`,
    '',
    command.description(),
    '',
    '```',
    `kubectl canary ${[...path(command), usageOf(command)].join(' ')}`,
    '```',
    '',
    ...(command.options.length + shared.length > 0
      ? [...heading('Flags'), ...optionLines([...command.options, ...shared]), '']
      : []),
    ...(examples === '' ? [] : [...heading('Examples'), '```', examples, '```', '']),
    ...command.commands.flatMap(member => commandLines(program, member, { ...level, depth: depth + 1 })),
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

/** An exit code, its meaning, and the commands that have it where not all do. */
interface ExitCode {
  readonly code: number
  readonly means: string
  readonly only?: readonly string[]
}

const ofRuns = ['run', 'wait']
const codes: readonly ExitCode[] = [
  { code: 0, means: 'done, or nothing to do' },
  { code: 1, means: 'error: the cluster, a file or an object does not allow it' },
  { code: 2, means: 'usage error: the command line is not valid' },
  {
    code: 3,
    means: 'refused by a rule, or because another program owns an object; `lint`: at least one error',
  },
  { code: 4, means: 'paused: a person has to decide', only: ofRuns },
  { code: 5, means: 'checks failed, and everything is back at stable', only: ofRuns },
  { code: 6, means: 'there was no data to judge by, and everything is back at stable', only: ofRuns },
  { code: 7, means: 'timed out' },
  { code: 130, means: 'interrupted' },
]

/** The table of exit codes: of one command, or of all. */
export const exitCodeLines = (command?: string): readonly string[] => [
  '## Exit codes',
  '',
  '| code | |',
  '|---|---|',
  ...codes
    .filter(({ only }) => command === undefined || only === undefined || only.includes(command))
    .map(
      ({ code, means, only }) =>
        `| ${code} | ${command === undefined && only !== undefined ? `${only.map(name => `\`${name}\``).join(', ')}: ` : ''}${means} |`,
    ),
]
