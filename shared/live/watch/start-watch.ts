import type { KubeObject } from '../../objects/kube-object.ts'
import type { Kind } from '../../objects/kinds.ts'
import type { Change } from '../../view/change.ts'
import { KindStore, type WatchedView } from './kind-store.ts'
import type { KindStats } from './kind-stats.ts'
import { Reflector } from './reflector.ts'
import type { ReflectorOptions, ReflectorParts } from './reflector-parts.ts'
import type { Requester } from './stream/requester.ts'
import { pause, systemTimers, type Timers } from './stream/timers.ts'

/** What to watch, and where it goes. */
export interface WatchRequest {
  readonly connection: Requester
  readonly kinds: readonly Kind[]
  /** Which objects of a kind the API server is to report, by their labels; all when left out. */
  readonly labelSelectors?: Readonly<Partial<Record<Kind, string>>>
  readonly view: WatchedView
  /**
   * What is kept of an object; undefined for one that is not kept at all. All of each when left out. It must
   * keep `metadata.resourceVersion`, by which
   * comparisons find lost events.
   */
  readonly keep?: (object: KubeObject) => KubeObject | undefined
  readonly onChange?: (change: Change) => void
  /** Called with every failure; the watch recovers by itself. */
  readonly onProblem?: (kind: Kind, error: unknown) => void
  readonly options?: Partial<ReflectorOptions>
  readonly timers?: Timers
}

/** A running watch. */
export interface Watch {
  /**
   * Resolves when every kind is known, those that nobody serves included, or when the watch is stopped; never
   * rejects.
   */
  readonly synced: Promise<void>
  isSynced(): boolean
  stats(): Readonly<Partial<Record<Kind, KindStats>>>
  /** Ends everything; resolves when nothing runs any more. */
  stop(): Promise<void>
}

const defaults: ReflectorOptions = {
  idleMs: 120_000,
  compareMs: 20 * 60_000,
  backoff: { first: 500, longest: 30_000 },
  absent: { first: 1_000, longest: 30_000 },
  rightsMs: 0,
}

/**
 * Keeps the view up to date with the cluster until stopped, whatever happens to the connection, the API
 * server or the callbacks.
 */
export function startWatch(request: WatchRequest): Watch {
  const ended = new AbortController()
  const { promise: synced, resolve: resolveSynced } = Promise.withResolvers<void>()
  const isSynced = (): boolean => reflectors.every(([, { stats }]) => stats.isSynced)
  const onSynced = (): void => {
    if (isSynced()) resolveSynced()
  }
  const reflectors = request.kinds.map(
    kind => [kind, reflectorOf(kind, request, { signal: ended.signal, onSynced })] as const,
  )
  if (reflectors.length === 0) resolveSynced()
  const all = reflectors.map(([, reflector]) => reflector)
  const { timers = systemTimers, options: { rightsMs = defaults.rightsMs } = {} } = request
  const running = Promise.all([
    ...all.map(reflector => reflector.run()),
    checkRights(all, { timers, everyMs: rightsMs, signal: ended.signal }),
  ])
  return {
    synced,
    isSynced,
    stats: () => Object.fromEntries(reflectors.map(([kind, { stats }]) => [kind, stats])),
    stop: async () => {
      ended.abort(new Error('the watch was stopped'))
      resolveSynced()
      await running
    },
  }
}

/**
 * Asks about the rights to one kind after another, and about a kind that is refused each time, so that lost rights
 * show within seconds, at the cost of one small request every few seconds.
 */
async function checkRights(
  reflectors: readonly Reflector[],
  {
    timers,
    everyMs,
    signal,
  }: { readonly timers: Timers; readonly everyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let i = 0; everyMs > 0 && reflectors.length > 0; i++) {
    await pause(timers, everyMs * (0.75 + timers.random() / 2), signal)
    if (signal.aborted) return
    const refused = reflectors.filter(({ stats }) => stats.refusedSince !== undefined)
    await Promise.all(
      [...new Set([...refused, reflectors[i % reflectors.length]!])].map(each => each.checkRights()),
    )
  }
}

function reflectorOf(
  kind: Kind,
  request: WatchRequest,
  run: Pick<ReflectorParts, 'signal' | 'onSynced'>,
): Reflector {
  const { connection, labelSelectors = {}, view, keep = object => object, timers = systemTimers } = request
  const onProblem = (about: Kind, error: unknown): void => {
    try {
      request.onProblem?.(about, error)
    } catch {
      // A callback that fails must not end the watch, and nobody else can be informed.
    }
  }
  return new Reflector(kind, {
    requester: connection,
    labelSelector: labelSelectors[kind],
    timers,
    store: new KindStore(kind, { view, keep, onChange: change => request.onChange?.(change), onProblem }),
    onProblem,
    options: { ...defaults, ...request.options },
    ...run,
  })
}
