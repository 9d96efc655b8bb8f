import { contentOf } from '../objects/content/content.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { changedRef, type Change } from '../view/change.ts'
import { unifiedDiff } from '../objects/text/line-diff.ts'
import type { ChangeFollower, Store } from '../view/store.ts'
import { connect } from './connection/connect.ts'
import type { Connection } from './connection/connection.ts'
import type { KubectlFlags } from './connection/login/flags.ts'
import type { Surroundings } from './connection/login/login.ts'
import { cacheDirOf, discoveryCache } from './discovery-cache.ts'
import { openHistory } from './history/open-history.ts'
import { openJobs } from './jobs/open-jobs.ts'
import { openRuns } from './runs/open-runs.ts'
import type { ReadList } from './read-list.ts'
import { readCluster } from './read/read-cluster.ts'
import { readOwner } from './read/read-owner.ts'
import { servedVersions, type VersionedConnection } from './served-versions.ts'
import { applyChanges, foreseen } from './write/apply-changes.ts'

// Both are loaded late and share their transport: as two entries of the bundle they would draw it, and the Kubernetes client with
// it, into what every command loads.
export { openOtherServer } from './other-server.ts'

/** What a store needs from the program around it. */
export interface ClusterOptions extends Surroundings {
  /** One note for all rights that are missing, instead of one for each thing that was not checked. */
  readonly briefNotes?: boolean
  /** What the API server warns of while we write, once each. */
  readonly onWarning?: (text: string) => void
  /** How an object's text is shown in a diff; JSON when left out. */
  readonly formatYaml?: (value: unknown) => string | Promise<string>
  /** Ends reads at once, and stops between two writes (those done are undone). */
  readonly signal?: AbortSignal
}

/** kubectl's flags that say which cluster is meant, and where it keeps what it knows of clusters. */
export interface ClusterFlags extends KubectlFlags {
  readonly cacheDir?: string | undefined
}

/** A live cluster as a store, and the line to it for what is no object. */
export interface ClusterStore extends Store {
  readonly connection: Connection
}

/** The store over the API server that kubectl would talk to. Nothing is sent before the first read. */
export async function openCluster(flags: ClusterFlags, options: ClusterOptions): Promise<ClusterStore> {
  const connection = await connect(flags, options)
  const { signal } = options
  const cacheDir = cacheDirOf(flags.cacheDir, options.env)
  const cache = cacheDir === undefined ? undefined : discoveryCache(cacheDir, connection.server)
  const known = cache && { cache, groups: await cache.read() }
  const reader: VersionedConnection = {
    connection,
    versions: servedVersions(connection, signal, known),
    signal,
  }
  const warned = new Set<string>()
  const onWarning = (text: string): void => {
    if (!warned.has(text)) options.onWarning?.(text)
    warned.add(text)
  }
  return {
    namespace: connection.namespace,
    cluster: connection,
    connection,
    read: async scope => {
      const { lists, ...reading } = await readCluster(reader, scope, options)
      return { ...reading, follow: following => follow(connection, lists, following) }
    },
    history: openHistory(connection),
    runs: openRuns(connection),
    jobs: openJobs(connection),
    readOwner: ref => readOwner(reader, ref),
    request: asked => connection.request(asked),
    apply: async (changes, applying) =>
      applying.dryRun === 'client'
        ? foreseen(changes)
        : applyChanges({ ...reader, isDryRun: applying.dryRun === 'server', onWarning }, changes, applying),
    diff: async changes =>
      (await Promise.all(changes.map(change => diffOf(change, options.formatYaml ?? formatJson)))).join(''),
    close: () => Promise.resolve(connection.close()),
  }
}

/** What watches is loaded only here: few commands do. */
async function follow(
  connection: Connection,
  lists: readonly ReadList[],
  following: ChangeFollower,
): Promise<void> {
  const { followLists } = await import('./watch/follow.ts')
  followLists({ request: ask => connection.stream(ask) }, lists, following)
}

const formatJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

async function diffOf(change: Change, format: NonNullable<ClusterOptions['formatYaml']>): Promise<string> {
  const { before, after } = change
  const { kind, namespace, name } = changedRef(change)
  const file = [(after ?? before)!.apiVersion.replaceAll('/', '.'), kind, namespace, name]
    .filter(part => part !== '')
    .join('.')
  const textOf = async (object: KubeObject | undefined): Promise<string> =>
    object === undefined ? '' : format(contentOf(object))
  return unifiedDiff(await textOf(before), await textOf(after), {
    from: before === undefined ? '/dev/null' : `live/${file}`,
    to: after === undefined ? '/dev/null' : `planned/${file}`,
  })
}
