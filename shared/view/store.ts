import { workloadKinds, type Kind } from '../objects/kinds.ts'
import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Change } from './change.ts'
import type { ClusterView } from './cluster-view.ts'
import type { HistoryStore } from './history.ts'
import type { JobStore } from './runs/job-store.ts'
import type { RunStore } from './runs/run-store.ts'
import type { MeshOverrides } from './mesh.ts'
import type { Sources, FileWorlds } from './sources.ts'

/**
 * What a command is about to ask: the namespaces that matter to it. Routing objects are read in all
 * namespaces.
 */
export interface Scope {
  /** Namespaces whose Services and workloads matter; `'*'` is all of them. */
  readonly namespaces: readonly string[] | '*'
  readonly mesh?: MeshOverrides
  /** The kinds that matter; all that routing and readiness depend on when left out. A store may read more. */
  readonly kinds?: readonly Kind[]
  /** The reader asks for the worlds of files, and not for one view of all. */
  readonly divided?: boolean
  /** Kinds that matter besides those. */
  readonly also?: readonly Kind[]
}

/** What a store read, and what else is known because of where it was read. */
export interface Reading {
  readonly view: ClusterView
  /** What could not be read and therefore was not checked: each a sentence for stderr. */
  readonly notes: readonly string[]
  /** The view is of a running cluster: readiness is known, and an object that is not in it does not exist. */
  readonly live: boolean
  /** Kinds of which only the objects of some namespaces were read. */
  readonly narrow?: ReadonlySet<Kind> | undefined
  /** Where the objects are written; only where they were read from files. */
  readonly sources?: Sources
  /** Tells of changes of what was read, where the store can; resolves when it is about to. */
  readonly follow?: (following: ChangeFollower) => Promise<void>
  /** The files as worlds that are each applied as a whole; only where they were read from files. */
  readonly worlds?: () => Promise<FileWorlds>
}

/** Who is notified of changes. */
export interface ChangeFollower {
  /** Called with each change, and where changes may have been missed; they come in bursts. */
  readonly onChange: () => void
  /** Called where something may be read and not watched, so that its changes are not told. */
  readonly onRefused: () => void
  /** Ends it. */
  readonly signal: AbortSignal
}

export type DryRun = 'none' | 'client' | 'server'

/** What was done for one change. `file` where the store is a folder. */
export interface Outcome {
  readonly ref: Ref
  readonly action: 'created' | 'configured' | 'deleted' | 'unchanged'
  readonly dryRun: DryRun
  readonly file?: string
  /**
   * The object as the API server has it after the write, or would have it in a server dry run; left out on files,
   * and where it is gone.
   */
  readonly now?: KubeObject
  /** What a person has to do in addition, a sentence. */
  readonly note?: string
}

/** How changes are applied. */
export interface ApplyChangesOptions {
  readonly dryRun: DryRun
  /**
   * Is called before each change, by its index, and may take its time. False ends the writing there, and what
   * was done stays.
   */
  readonly before?: (index: number) => Promise<boolean>
  /** No canary is left: our claim on the objects' fields is given up, for whoever applies them next. */
  readonly disown?: boolean
  /** Replicas of Deployments are set whatever else of these has changed since they were read: their status does so. */
  readonly scales?: boolean
}

/** An object of a tool that applies others, by where it is served; the version to try first comes first. */
export interface OwnerRef {
  readonly group: string
  readonly plural: string
  readonly versions: readonly string[]
  readonly namespace: string
  readonly name: string
  /** The only one of its name counts, wherever it is. */
  readonly orElsewhere?: boolean
}

/** A request to the API server that is about no object which a view holds. */
export interface ServerRequest {
  /** GET when left out. */
  readonly method?: 'POST'
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Starts with a slash, without a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Its answer, of any status. */
export interface ServerAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

/** What people call a cluster by. */
export interface ClusterName {
  /** The URL of its API server. */
  readonly server: string
  /** The context's name; empty where there is none. */
  readonly context: string
  /** The global flags that a command must repeat to mean the same cluster and user, each with a space before it. */
  readonly flags: string
}

/** An object as its file names it; without a namespace where the file says none. */
export interface WrittenName {
  readonly name: string
  readonly namespace?: string
  /** The kustomization whose `replicas` says how many pods it has, after all patches. */
  readonly countedIn?: string
}

/** What an edit changes in a kustomization that takes an edited file, as it is built. */
export interface BuiltChange {
  /** The kustomization's folder, as people know it. */
  readonly name: string
  /** Its build before the edit. */
  readonly reading: Reading
  readonly changes: readonly Change[]
}

/** What an edit changes in builds, and sentences for people about those that could not be made. */
export interface BuiltChanges {
  readonly builds: readonly BuiltChange[]
  readonly notes: readonly string[]
}

/** Where objects are read from and changes are written to: a live cluster, or a folder of manifests. */
export interface Store {
  /** The namespace of a request that names none. */
  readonly namespace: string
  /** The cluster; files have none. */
  readonly cluster?: ClusterName
  read(scope: Scope): Promise<Reading>
  /**
   * Applies the changes in order. Each object must still be as it was read, else a CanaryError `conflict` is
   * thrown and nothing further is done. When a change fails, those done before it are undone; where that
   * fails too, the error's hints say the exact state.
   */
  apply(changes: readonly Change[], options: ApplyChangesOptions): Promise<readonly Outcome[]>
  /** The record of the changes that were made; files have none, they are under version control. */
  readonly history?: HistoryStore
  /** The runs of services; files have none. */
  readonly runs?: RunStore
  /** The Jobs of a run's metrics; files have none. */
  readonly jobs?: JobStore
  /** One object of a tool that applies others; undefined where it is not there or may not be read. */
  readOwner?(ref: OwnerRef): Promise<KubeObject | undefined>
  /** Asks the API server; files have none. Throws a CanaryError where there is no answer. */
  request?(asked: ServerRequest): Promise<ServerAnswer>
  /**
   * The name that the files of a kustomization give an object, and the namespace where they say one: what the target of
   * a patch names. Left out where nothing is built.
   */
  writtenAs?(ref: Ref): WrittenName
  /**
   * Throws a CanaryError `refused` where these patches of the kustomization that is built would not make the changes. Left
   * out where nothing is built.
   */
  checkPatches?(patches: readonly object[], changes: readonly Change[]): Promise<void>
  /**
   * What the changes make of the kustomizations that take the edited files; only where files are edited. Throws a
   * CanaryError `refused` where one could not be built any more.
   */
  builtChanges?(changes: readonly Change[]): Promise<BuiltChanges>
  /** How the changes would alter the objects' text, as a unified diff. */
  diff(changes: readonly Change[]): Promise<string>
  close(): Promise<void>
}

/** Kinds that say how traffic goes: they may be in any namespace. */
export const routingKinds: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'RequestAuthentication',
  'HTTPRoute',
  'GRPCRoute',
  'Gateway.gateway.networking.k8s.io',
  'ReferenceGrant',
  'TLSRoute',
  'TCPRoute',
  'PeerAuthentication',
  'ApisixRoute',
  'ApisixPluginConfig',
  'ApisixUpstream',
]

/**
 * Kinds of programs that own what others read: read beside these only where an object that was read is owned by one,
 * or where the cluster is known to serve them, so that other clusters are not asked.
 */
export const owningKinds: readonly Kind[] = ['Canary']

/** What is read when the scope names no kinds: all that routing and readiness depend on. */
export const usualKinds: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'Gateway',
  ...workloadKinds,
  'ServiceEntry',
  'Pod',
  'EndpointSlice',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
  'Namespace',
  'HTTPRoute',
  'GRPCRoute',
  'Gateway.gateway.networking.k8s.io',
  'ReferenceGrant',
  'TLSRoute',
  'TCPRoute',
  'ApisixRoute',
  'ApisixPluginConfig',
  'ApisixUpstream',
]
