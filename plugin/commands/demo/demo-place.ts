import type { DemoStep, Slip } from './demo-steps.ts'

/** Where the demo is played: a folder of manifests, or a namespace of a cluster. */
export interface DemoPlace {
  readonly steps: readonly DemoStep[]
  /** What is said before the first step. */
  readonly begin: string
  /** What each command has at its end. */
  readonly words: readonly string[]
  /** The same as it is shown: with nothing secret in it. */
  readonly shown: string
  /** The command that makes a slip, as a person would type it. */
  slipCommand(slip: Slip): Promise<string>
  /** Makes it; a sentence says why it could not be made. */
  slip(slip: Slip): Promise<string | undefined>
  /** Remembers how everything is now; what it returns takes everything back to that, and says so in a sentence. */
  remember(): Promise<() => Promise<string>>
  /** What is said after the last step. */
  end(): Promise<string>
}
