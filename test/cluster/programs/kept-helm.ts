/** Helm 4 in a process that is kept, for charts that are only rendered. */
import { KeptProgram } from './kept-program.ts'
import type { Outcome } from './run.ts'

/** A global flag is the default of the next command, which help shows, save one that each command gives. */
const isOfProcess = (arg: string): boolean =>
  /^(-n|-h|--(help|debug|burst-limit|qps|color|colour|content-cache|kube-(?!version)|registry-|repository-))/.test(
    arg,
  )

/** Whether a command line of Helm has the same end in a process that is kept. */
export const isForKeptHelm = ([verb, ...args]: readonly string[]): boolean =>
  verb === 'template' && args.includes('--namespace') && !args.some(isOfProcess)

// Nothing is there, as in the home of a Helm that was just installed, and rendering writes nothing.
const program = new KeptProgram({ program: 'helm4', kept: 'kept-helm4', home: '/nonexistent' })

/** How a command ends; nothing where Helm itself is to be started for it. */
export async function byKeptHelm(args: readonly string[]): Promise<Outcome | undefined> {
  return isForKeptHelm(args)
    ? program.run({ args, stdin: '', folder: process.cwd(), environment: {} })
    : undefined
}
