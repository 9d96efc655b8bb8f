import type { ParseYaml } from '../../../view/mesh.ts'
import type { Environment, KubeconfigCluster, KubeconfigUser } from './kubeconfig.ts'

/** What surrounds the program and decides which cluster is meant. */
export interface Surroundings {
  readonly env: Environment
  readonly parseYaml: ParseYaml
  /** Whether a person sits at stdin, whom a credential program may ask. */
  readonly isInteractive?: boolean
  /** Where a pod finds its service account. */
  readonly serviceAccountFolder?: string
}

/** Which server, and as whom. */
export interface Login {
  /** A URL without a slash at its end. */
  readonly server: string
  readonly cluster: KubeconfigCluster
  readonly user: KubeconfigUser
  /** The context's name; empty where there is none. */
  readonly context: string
  readonly userName: string
  readonly namespace: string
  /** Milliseconds; 0 is no limit. */
  readonly timeout: number
  /** Where the server comes from, if it cannot be reached. */
  readonly hints: readonly string[]
}
