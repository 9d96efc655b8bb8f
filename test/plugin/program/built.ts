import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { executable, putPrograms } from '../../build/built-programs.ts'

/** How a program ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What is around a program. */
interface Around {
  readonly stdin?: string
  /** Beside the tests' own. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/**
 * The programs as they ship, built for a test file and to be removed by it, with a folder for the PATH that has them under the names that npm
 * gives them; where CANARY_PROGRAM names an executable, the plugin is that.
 */
export class Built {
  readonly folder: string
  readonly bin: string

  private constructor(folder: string) {
    this.folder = folder
    this.bin = join(folder, 'bin')
  }

  static async make(): Promise<Built> {
    const built = new Built(mkdtempSync(join(tmpdir(), 'canary-built-')))
    await putPrograms(built.bin)
    for (const name of ['kubectl-canary', 'kubectl_complete-canary'])
      symlinkSync(executable ?? `${name}.js`, join(built.bin, name))
    return built
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** What starts the plugin, whatever is on the PATH. */
  get command(): readonly string[] {
    return [...(executable === undefined ? [process.execPath] : []), join(this.bin, 'kubectl-canary')]
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: [this.bin, process.env['PATH'] ?? ''].join(delimiter),
      KUBECONFIG: join(this.folder, 'no-kubeconfig'),
      XDG_CACHE_HOME: join(this.folder, 'cache'),
    }
  }

  run(program: string, argv: readonly string[], { stdin, env = {}, cwd }: Around = {}): Promise<Ended> {
    return new Promise(resolve => {
      const child = execFile(
        program,
        [...argv],
        { env: { ...this.#env, ...env }, ...(cwd !== undefined && { cwd }), maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          resolve({
            code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1,
            stdout,
            stderr,
          })
        },
      )
      child.stdin?.end(stdin)
    })
  }

  /** A program left running. */
  start(program: string, argv: readonly string[]): ChildProcess {
    return spawn(program, [...argv], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}
