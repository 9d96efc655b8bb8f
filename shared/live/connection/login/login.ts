import type { ParseYaml } from '../../../view/mesh.ts'
import type { KubeCluster, KubeUser } from '../../corrections/entries.ts'
import type { Environment } from '../../corrections/exec/exec-info.ts'

/** What surrounds the program and decides which cluster is meant. */
export interface Surroundings {
  readonly env: Environment
  /** May give a promise. */
  readonly parseYaml: ParseYaml
  /** Whether a person sits at stdin, whom a credential program may ask. */
  readonly isInteractive?: boolean
  /** Told of each request that was answered. */
  readonly onAnswer?: (answered: AnsweredRequest) => void
  /** Where a pod finds its service account. */
  readonly serviceAccountFolder?: string
}

/** A request as it was sent once, and how it was answered. */
export interface AnsweredRequest {
  readonly method: string
  readonly url: string
  /** `200 OK`. */
  readonly status: string
  readonly milliseconds: number
}

/** Which server, and as whom. */
export interface Login {
  /** A URL without a slash at its end. */
  readonly server: string
  readonly cluster: KubeCluster
  readonly user: KubeUser
  /** The context's name; empty where there is none. */
  readonly context: string
  /** Whose credentials these are, or the flag that gives them. */
  readonly userName: string
  readonly namespace: string
  /** Milliseconds; 0 is no limit. */
  readonly timeout: number
  /** Where the server comes from, if it cannot be reached. */
  readonly hints: readonly string[]
}
