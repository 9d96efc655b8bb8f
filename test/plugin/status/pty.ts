import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How large a terminal is. */
export interface TerminalSize {
  readonly rows: number
  readonly columns: number
}

/** Why there is no terminal to be had; undefined where there is one. */
export function noTerminal(): string | undefined {
  try {
    execFileSync('script', ['--version'])
    return undefined
  } catch {
    return 'there is no `script` of util-linux, which every Debian and macOS has'
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`

/** A program on a real terminal, which `script` makes for it. */
export class Pty {
  readonly #folder = mkdtempSync(join(tmpdir(), 'canary-pty-'))
  readonly #child: ChildProcess
  /** All that the program has written to the terminal. */
  output = ''
  #code: number | undefined

  constructor(argv: readonly string[], env: NodeJS.ProcessEnv, { rows, columns }: TerminalSize) {
    const line = [
      `tty > ${quoted(this.#tty)}`,
      `stty rows ${rows} cols ${columns}`,
      `echo $$ > ${quoted(this.#pid)}`,
      `exec ${argv.map(quoted).join(' ')}`,
    ].join('; ')
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    this.#child.once('exit', code => {
      this.#code = code ?? -1
    })
  }

  get #tty(): string {
    return join(this.#folder, 'tty')
  }

  get #pid(): string {
    return join(this.#folder, 'pid')
  }

  /** Another size: the program is told with SIGWINCH, as by any terminal. */
  resize({ rows, columns }: TerminalSize): void {
    const tty = readFileSync(this.#tty, 'utf8').trim()
    execFileSync('stty', ['-F', tty, 'rows', String(rows), 'cols', String(columns)])
  }

  /** Keys, as a person presses them. */
  type(keys: string): void {
    this.#child.stdin!.write(keys)
  }

  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(this.#pid, 'utf8')), name)
  }

  /** The rows of the last frame, without blanks at their ends. */
  get screen(): readonly string[] {
    const frame = this.output.split('\u001b[H').at(-1) ?? ''
    return frame
      .split('\u001b[J')[0]!
      .replaceAll('\u001b[K', '')
      .split('\r\n')
      .map(line => line.trimEnd())
  }

  /** Waits until it is so; throws with what is on the screen where that takes too long. */
  async until(isSo: (screen: string) => boolean, milliseconds = 20_000): Promise<void> {
    const end = performance.now() + milliseconds
    while (!isSo(this.screen.join('\n'))) {
      if (performance.now() > end || this.#code !== undefined)
        throw new Error(`not seen on the terminal, which shows:\n${JSON.stringify(this.output.slice(-4000))}`)
      await sleep(20)
    }
  }

  /** The exit code. */
  async ended(): Promise<number> {
    if (this.#code === undefined) await once(this.#child, 'exit')
    return this.#code!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#code === undefined && existsSync(this.#pid)) this.signal('SIGKILL')
    if (this.#code === undefined) await this.ended()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
