import { Command, CommanderError } from 'commander'
import { CanaryError } from '../shared/objects/canary-error.ts'
import type { Intent } from './edit/intent.ts'
import { commands, commandsFor } from './commands/commands.ts'
import { exitCodes, interruptedCode } from './exit-codes.ts'
import { commandLineOf, flagShapesOf, normalizeArgv, operandPlaces, flagWordsOf } from './flags/argv.ts'
import { checkFlags, grammarOf, sharedFlagsOf } from './flags/grammar.ts'
import { refuseOpposites } from './flags/opposites.ts'
import { declareGlobalFlags, readGlobalFlags } from './flags/global-flags.ts'
import type { Backend } from './open-store.ts'
import { paintOf } from './print/colour.ts'
import { formatError, formatUnexpected } from './print/errors.ts'
import { formatHelp } from './print/help.ts'
import { Session } from './session.ts'
import { wantsColour, type Streams } from './streams.ts'

/**
 * Runs one command line to its exit code. Everything that goes wrong becomes one error on stderr; nothing is
 * thrown.
 */
export async function run(argv: readonly string[], streams: Streams, backend: Backend): Promise<number> {
  const session = new Session(argv, streams, backend)
  session.runAlso = words => run(words, streams, backend)
  session.intentIn = words => intentIn(words, session, backend)
  const program = buildProgram(session, commandsFor(argv))
  try {
    const typed = versionFirst(helpLast(argv.length === 0 ? ['--help'] : argv), program)
    const words = normalizeArgv(typed, flagShapesOf(program))
    checkHelpTopic(words, program)
    await untilInterrupted(program.parseAsync(words, { from: 'user' }), session)
    return streams.interrupt.aborted ? interruptedCode : session.exitCode
  } catch (error) {
    return report(error, { session, program })
  } finally {
    if (!streams.interrupt.aborted) await session.close()
  }
}

/** The intent of an edit that is not applied. Throws `usage` for the words of another command. */
async function intentIn(words: readonly string[], { streams }: Session, backend: Backend): Promise<Intent> {
  const editing = Object.keys(commands[0]!.registrations).filter(
    name => name !== 'undo' && name !== 'cleanup',
  )
  const [verb = ''] = words
  const refuse = (message: string): CanaryError =>
    new CanaryError('usage', message, {
      hints: [`Write an edit as it is typed, like 'weight v2=10': one of ${editing.join(', ')}.`],
    })
  if (!editing.includes(verb)) throw refuse(`${JSON.stringify(words.join(' '))} is not an edit of traffic`)
  const inner = new Session(words, streams, backend)
  let found: Intent | undefined
  inner.takeIntent = intent => {
    found = intent
  }
  const program = buildProgram(inner, commandsFor([verb]))
  await program.parseAsync(normalizeArgv(words, flagShapesOf(program)), { from: 'user' })
  await inner.close()
  if (found === undefined) throw refuse(`${JSON.stringify(words.join(' '))} is not an edit of traffic`)
  return found
}

/** The grammar: every command and flag, as help, completion and the documents show them. */
export function buildProgram(session: Session, groups = commands): Command {
  const { streams } = session
  const program = new Command('kubectl canary')
  program
    .description('Canary routing on a service mesh: choose who gets which version, by cohort and by weight.')
    .usage('COMMAND [flags]')
    .exitOverride()
    .configureOutput({
      writeOut: text => streams.stdout.write(text),
      writeErr: text => streams.stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => streams.stdout.columns || 80,
      getOutHasColors: () => false,
    })
    .configureHelp({
      formatHelp: (command, helper) => formatHelp(command, helper, sharedFlagsOf(program, command)),
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command, with examples')
    .hook('preAction', (_, command) => {
      checkFlags(program, command)
      session.verb = command.name()
      session.flags = readGlobalFlags(program)
      session.typed = commandLineOf(session.argv, program, grammarOf(command)?.service?.after)
      session.flagWords = flagWordsOf(session.argv, program)
      for (const note of session.flags.notes) session.note(note)
    })
  declareGlobalFlags(program)
  for (const { heading, registrations } of groups) {
    program.commandsGroup(heading)
    for (const register of Object.values(registrations)) register(program, session)
  }
  for (const command of program.commands) refuseOpposites(command)
  return program
}

/** `--help weight` is the help of weight, as with kubectl. */
const helpLast = ([first = '', ...rest]: readonly string[]): readonly string[] =>
  first === '--help' || first === '-h' ? [...rest, first] : [first, ...rest]

/** `--version` without a command is the command `version`. */
const versionFirst = (argv: readonly string[], program: Command): readonly string[] =>
  argv.includes('--version') && operandPlaces(argv, program).length === 0
    ? ['version', ...argv.filter(word => word !== '--version')]
    : argv

function checkHelpTopic([verb, topic]: readonly string[], program: Command): void {
  if (
    verb !== 'help'
    || topic === undefined
    || topic.startsWith('-')
    || program.commands.some(command => command.name() === topic)
  )
    return
  throw new CanaryError('usage', `unknown command "${topic}"`, {
    hints: [`The commands are ${program.commands.map(command => command.name()).join(', ')}.`],
  })
}

class Interrupted extends Error {}

/**
 * The work, unless Ctrl-C comes first. While something is being written it is waited for; a second Ctrl-C
 * ends at once.
 */
function untilInterrupted(work: Promise<unknown>, session: Session): Promise<unknown> {
  const { interrupt } = session.streams
  return new Promise((resolve, reject) => {
    work.then(resolve, reject)
    interrupt.addEventListener(
      'abort',
      () => {
        if (session.endsItself) return
        if (session.holding)
          session.note('interrupted: waiting for the current write; press Ctrl-C again to stop at once')
        else reject(new Interrupted())
      },
      { once: true },
    )
  })
}

function report(
  error: unknown,
  { session, program }: { readonly session: Session; readonly program: Command },
): number {
  const paint = paintOf(wantsColour(session.streams.stderr, session.streams.env))
  if (
    error instanceof Interrupted
    || (session.streams.interrupt.aborted && error === session.streams.interrupt.reason)
  ) {
    session.note(session.isEditing ? 'interrupted, nothing was written' : 'interrupted')
    return interruptedCode
  }
  const known = error instanceof CommanderError ? usageError(error, session.argv, program) : error
  if (known === undefined) return 0
  if (known instanceof CanaryError) {
    session.note(formatError(withDryRunHint(known, session.argv), paint))
    return exitCodes[known.code]
  }
  session.note(formatUnexpected(known, { paint, verbosity: Number(program.opts()['v']) || 0 }))
  return exitCodes.failed
}

/**
 * `--dry-run client` is two words for kubectl too: the second is treated as a word of the command.
 */
function withDryRunHint(error: CanaryError, argv: readonly string[]): CanaryError {
  const mode = argv[argv.indexOf('--dry-run') + 1]
  if (
    error.code !== 'usage'
    || !argv.includes('--dry-run')
    || mode === undefined
    || !['none', 'client', 'server'].includes(mode)
  )
    return error
  return new CanaryError(error.code, error.message, {
    hints: [...error.hints, `Did you mean --dry-run=${mode}? The value of --dry-run needs an equals sign.`],
    cause: error,
  })
}

/** Commander's error in our form; undefined where it only printed the help. */
function usageError(
  { exitCode, message }: CommanderError,
  argv: readonly string[],
  program: Command,
): CanaryError | undefined {
  if (exitCode === 0) return undefined
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n')
  const command = program.commands.find(known => argv.includes(known.name()))?.name()
  const [, value, name, choices] =
    /^command-argument value '(.*)' is invalid for argument '(.*)'\. Allowed choices are (.*)\.$/.exec(first)
    ?? []
  if (choices !== undefined)
    return new CanaryError('usage', `unknown ${name} "${value}"`, { hints: [`Use one of ${choices}.`] })
  const path = command === undefined ? 'kubectl canary' : `kubectl canary ${command}`
  return new CanaryError('usage', first, {
    hints: [...more.map(line => line.replace(/^\((.*)\)$/, '$1')), `See ${path} --help.`],
  })
}
