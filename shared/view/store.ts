import type { Kind } from '../objects/kinds.ts'
import type { Ref } from '../objects/kube-object.ts'
import type { Change } from './change.ts'
import type { ClusterView } from './cluster-view.ts'
import type { MeshOverrides } from './mesh.ts'

/**
 * What a command is about to ask: the namespaces that matter to it. Routing objects are read wherever they
 * stand.
 */
export interface Scope {
  /** Namespaces whose Services and workloads matter; `'*'` is all of them. */
  readonly namespaces: readonly string[] | '*'
  readonly mesh?: MeshOverrides
  /** The kinds that matter; all that routing and readiness rest on when left out. A store may read more. */
  readonly kinds?: readonly Kind[]
}

export interface Reading {
  readonly view: ClusterView
  /** What could not be read, and so not be checked: each a sentence for stderr. */
  readonly notes: readonly string[]
}

export type DryRun = 'none' | 'client' | 'server'

/** What became of one change. `file` where the store is a folder. */
export interface Outcome {
  readonly ref: Ref
  readonly action: 'created' | 'configured' | 'deleted' | 'unchanged'
  readonly dryRun: DryRun
  readonly file?: string
  /** What a person has to do besides, a sentence. */
  readonly note?: string
}

/** Where objects are read from and changes are written to: a live cluster, or a folder of manifests. */
export interface Store {
  readonly kind: 'cluster' | 'manifests'
  /** The namespace of a request that names none. */
  readonly namespace: string
  read(scope: Scope): Promise<Reading>
  /**
   * Carries the changes out in order. Each must still be what was read, else a CanaryError `conflict` and
   * nothing further is done; when one
   * fails, those done before it are undone, and where that fails too the error's hints say the exact state.
   */
  apply(changes: readonly Change[], options: { readonly dryRun: DryRun }): Promise<readonly Outcome[]>
  /** What the changes would make of the objects' text, as a unified diff. */
  diff(changes: readonly Change[]): Promise<string>
  close(): Promise<void>
}
