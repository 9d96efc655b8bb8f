/** Programs that are started against a cluster. */
import { execFile } from 'node:child_process'
import { goProgram } from '../processes.ts'

/** How a program ended. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** How to run a program against the cluster; as the admin unless another kubeconfig is given. */
export interface RunOptions {
  readonly stdin?: string
  readonly kubeconfig?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What the environment of such a program has beside the path: its home folder and whom it asks. */
export interface ProgramHome {
  readonly folder: string
  readonly kubeconfig: string
}

/** Runs a program by its path until it ends; throws where it cannot be started or is killed. */
export function runProgram(
  path: string,
  args: readonly string[],
  { folder, kubeconfig, stdin = '', cwd, env = {} }: RunOptions & ProgramHome,
): Promise<Outcome> {
  const environment = {
    PATH: process.env['PATH'],
    HOME: folder,
    KUBECONFIG: kubeconfig,
    ...goProgram,
    ...env,
  }
  return new Promise((resolve, reject) => {
    const child = execFile(
      path,
      args,
      { cwd, env: environment, maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
      },
    )
    child.stdin?.on('error', () => {}).end(stdin)
  })
}
