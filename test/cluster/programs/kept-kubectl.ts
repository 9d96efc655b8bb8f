/** kubectl in a process that is kept, for the commands of one cluster, with its connections and the documents that `apply` reads. */
import { KeptProgram } from './kept-program.ts'
import type { Outcome, ProgramHome, RunOptions } from './run.ts'

/** The commands that end by themselves, without a terminal and without a call to end the process. */
const keptVerbs: ReadonlySet<string> = new Set(
  'annotate api-resources api-versions apply create delete describe diff explain get kustomize label patch replace scale set version'.split(
    ' ',
  ),
)

/** Flags that make a command wait for a person or for ever, or change the log of the whole process. */
const isOfProcess = (arg: string): boolean =>
  /^(-w|-i|-v.*|--(watch|watch-only|interactive|edit|v|vmodule|profile)(=.*)?)$/.test(arg)

/** Whether a command line of kubectl has the same end in a process that is kept. */
export const isForKept = (args: readonly string[]): boolean =>
  keptVerbs.has((args[0] === '-n' ? args[2] : args[0]) ?? '') && !args.some(isOfProcess)

/** kubectl for a cluster; its commands run one after the other. */
export class KeptKubectl {
  readonly #home: ProgramHome
  #program: KeptProgram | undefined

  /** Starts nothing yet. */
  constructor(home: ProgramHome) {
    this.#home = home
  }

  /** How a command ends; nothing where kubectl itself is to be started for it. Throws where the process ends. */
  async run(args: readonly string[], options: RunOptions): Promise<Outcome | undefined> {
    if (options.env !== undefined || !isForKept(args)) return undefined
    const { stdin = '', kubeconfig = this.#home.kubeconfig, cwd: folder = process.cwd() } = options
    this.#program ??= new KeptProgram({ program: 'kubectl', kept: 'kept-kubectl', home: this.#home.folder })
    return this.#program.run({ args, stdin, folder, environment: { KUBECONFIG: kubeconfig } })
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    await this.#program?.stop()
  }
}
