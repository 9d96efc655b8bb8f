import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from '../../../plugin/cli.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { streamsOf, type World } from '../../plugin/run-command.ts'

/** The time of all tutorials: what they print has dates. */
const now = new Date('2026-08-01T12:00:00Z')

/** What a command printed, both streams in the order in which it wrote, and how it ended. */
export interface Printed {
  readonly code: number
  readonly text: string
}

/**
 * The few commands of a shell that tutorials use, in the current folder, so that they run everywhere: `kubectl canary`, `cat`, `cp -r`,
 * `sed -i s/…/…/`, `echo $?`, and `| head -n` behind any of them.
 */
export class TutorialShell {
  #last = 0

  /** Runs a line. A command that fails must be followed by `echo $?`, so that no error is printed unseen. */
  async run(line: string): Promise<string> {
    const [, command = line, head] = /^(.*?) \| head -n (\d+)$/.exec(line) ?? []
    if (command === 'echo $?') {
      const last = this.#last
      this.#last = 0
      return `${last}\n`
    }
    if (this.#last !== 0) throw new Error(`the command before "${line}" ended with ${this.#last}`)
    const { code, text } = await this.printedBy(wordsOf(command))
    this.#last = code
    if (head === undefined) return text
    return `${text.split('\n').slice(0, Number(head)).join('\n').trimEnd()}\n`
  }

  /** After the last line: fails where that one failed and nobody looked. */
  end(): void {
    if (this.#last !== 0) throw new Error(`the last command ended with ${this.#last}`)
  }

  /** Runs one command of which the words are given. */
  protected async printedBy([program = '', ...words]: readonly string[]): Promise<Printed> {
    if (program === 'kubectl' && words[0] === 'canary') return printedByPlugin(words.slice(1))
    if (program === 'cat') return { code: 0, text: words.map(file => readFileSync(file, 'utf8')).join('') }
    if (program === 'cp' && words[0] === '-r') copyInto(words.at(-1)!, words.slice(1, -1))
    else if (program === 'sed' && words[0] === '-i') replace(words[1]!, words[2]!)
    else throw new Error(`no tutorial can run "${program} ${words.join(' ')}"`)
    return { code: 0, text: '' }
  }
}

/** Runs the plugin in a world; text goes where both streams go. */
export async function printedByPlugin(argv: readonly string[], world: World = { now }): Promise<Printed> {
  let text = ''
  const stream = {
    write: (part: string) => {
      text += part
    },
    columns: 100,
  }
  const streams = { ...streamsOf(world, { stdout: '', stderr: '' }), stdout: stream, stderr: stream }
  const code = await run(argv, streams, { openStore })
  return { code, text }
}

function copyInto(folder: string, sources: readonly string[]): void {
  for (const source of sources) cpSync(source, join(folder, basename(source)), { recursive: true })
}

/** As sed does it with an expression that has no signs of its own; a line break is written as `\\n`. */
function replace(expression: string, file: string): void {
  const [, from = '', to = ''] = /^s\/(.+)\/(.*)\/$/.exec(expression) ?? []
  const text = readFileSync(file, 'utf8')
  if (from === '' || !text.includes(from)) throw new Error(`${file} has no "${from}"`)
  writeFileSync(
    file,
    text
      .split('\n')
      .map(line => line.replace(from, () => to.replaceAll('\\n', '\n')))
      .join('\n'),
  )
}

/** Words as a shell splits them, quotes taken off. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  )
