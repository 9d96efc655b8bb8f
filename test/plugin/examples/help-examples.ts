import type { Command } from 'commander'
import { buildProgram } from '../../../plugin/cli.ts'
import { Session } from '../../../plugin/session.ts'
import { splitWords } from '../../../plugin/words/shell-words.ts'
import { streamsOf } from '../run-command.ts'

/** An example of a command's help. */
export interface HelpExample {
  /** As the help has it, without what it says of it. */
  readonly line: string
  /** What `kubectl canary` is given; the programs beside it are left out. */
  readonly words: readonly string[]
}

const program = buildProgram(
  new Session([], streamsOf({}, { stdout: '', stderr: '' }), {
    openStore: () => Promise.reject(new TypeError('nothing is opened here')),
  }),
)

const leaves = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(leaves)]

const nameOf = (command: Command): string =>
  (command.parent?.parent ?? null) === null ? command.name() : `${nameOf(command.parent!)} ${command.name()}`

/** The examples of each command, by its name. */
export const helpExamples: ReadonlyMap<string, readonly HelpExample[]> = new Map(
  program.commands.flatMap(leaves).map(command => [nameOf(command), examplesOf(command)]),
)

function examplesOf(command: Command): readonly HelpExample[] {
  let help = ''
  command.configureOutput({ writeOut: text => (help += text) }).outputHelp()
  const [, text = ''] = /\nExamples?:\n([^]*)$/.exec(help) ?? []
  return text
    .trim()
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [said = ''] = line.trim().split(/ {2,}/)
      return { line: said, words: wordsOf(said) }
    })
}

/** `helm template . | kubectl canary lint - --complete` has `lint - --complete`. */
function wordsOf(line: string): readonly string[] {
  const own = line.split(/ [|>] /).find(part => /kubectl[ -]canary /.test(part)) ?? ''
  return splitWords(own.replace(/^.*kubectl[ -]canary /, '').replace(/\)$/, ''))
}
