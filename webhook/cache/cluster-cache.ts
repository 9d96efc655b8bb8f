import type { Logger } from 'pino'
import { fileKinds, type Kind } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { startWatch, type Watch } from '../../shared/live/watch/start-watch.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import { forgetDerived } from '../../shared/objects/unchecked.ts'
import { LiveView } from '../../shared/view/snapshot.ts'
import { apiReader } from './api-reader.ts'
import { isDerivable, notDerivableSelectors } from './derivable.ts'
import { meshReader, type GuardedMesh } from './mesh-reader.ts'
import { projectObject } from './project-object.ts'
import { prepareIndexes } from './warm-up.ts'

export interface CacheParts {
  readonly requester: Requester
  readonly rules: readonly AnyRule[]
  readonly log: Logger
  /** The mesh settings of the current configuration. */
  readonly mesh: () => GuardedMesh
  readonly rights?: RightsTimes | undefined
}

/** How often the rights to a kind are asked for, and after how long without them they are lost, in milliseconds. */
export interface RightsTimes {
  readonly everyMs: number
  readonly lostAfterMs: number
}

/** The objects of the cluster that rules read, kept up to date by watches. */
export interface ClusterCache {
  readonly view: LiveView
  readonly watch: Watch
  /**
   * The kinds that the API server has refused for half a minute to list or watch (403), so that what is cached of them
   * is out of date. A timeout, a 429, a refused token or a broken watch is never among the reasons.
   */
  lostRights(): readonly Kind[]
  /** Reads the mesh's settings again, after the configuration has changed. Never rejects. */
  readMesh(): Promise<void>
  close(): Promise<void>
}

/** Mesh settings change rarely, and to read one ConfigMap is cheaper than to watch all of them. */
const meshEveryMs = 60_000
/** Objects whose derived values are kept: to derive them takes microseconds, and a review rarely reads more. */
const mostDerived = 1_000
/**
 * One small request, so that lost rights show within seconds and not when the watches end, minutes later; and an API
 * server that has just started refuses everybody for some seconds.
 */
const usualRights: RightsTimes = { everyMs: 5_000, lostAfterMs: 30_000 }

/** The kinds that rules read, and namespaces, which can opt out. */
export function watchedKinds(rules: readonly AnyRule[]): readonly Kind[] {
  const all = new Set<Kind>(rules.flatMap(({ subject, reads }) => [subject, ...reads]))
  all.delete('ConfigMap')
  for (const kind of fileKinds) all.delete(kind)
  return [...all.add('Namespace')]
}

/** The kept fields of an object; undefined for one that is derivable or too large to be judged. */
const keptOf = (object: KubeObject): KubeObject | undefined =>
  isDerivable(object) ? undefined : projectObject(object)

/** Starts the watches and returns at once; `watch.synced` resolves when every kind was listed. */
export function startCache({ requester, rules, log, mesh, rights = usualRights }: CacheParts): ClusterCache {
  const view = new LiveView()
  prepareIndexes(view)
  const watch = startWatch({
    connection: requester,
    kinds: watchedKinds(rules),
    labelSelectors: notDerivableSelectors,
    view,
    keep: keptOf,
    options: { rightsMs: rights.everyMs },
    // No review runs during this callback, so nothing derived is in use.
    onChange: () => forgetDerived(mostDerived),
    onProblem: (kind, error) =>
      log.warn(
        { kind, error: error instanceof Error ? error.message : String(error) },
        'watch failed; retrying',
      ),
  })
  const readMesh = meshReader({ read: apiReader(requester), view, log, configured: mesh })
  const timer = setInterval(() => void readMesh(), meshEveryMs).unref()
  void readMesh()
  return {
    view,
    watch,
    lostRights: () =>
      Object.entries(watch.stats()).flatMap(([kind, { forbiddenMs }]) =>
        forbiddenMs > 0 && forbiddenMs >= rights.lostAfterMs ? [kind as Kind] : [],
      ),
    readMesh,
    close: () => {
      clearInterval(timer)
      return watch.stop()
    },
  }
}
