import type { Logger } from 'pino'
import type { Kind } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { startWatch, type Watch } from '../../shared/live/watch/start-watch.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import { forgetDerived } from '../../shared/objects/unchecked.ts'
import { LiveView } from '../../shared/view/snapshot.ts'
import type { GuardedMesh } from '../config/config.ts'
import { apiReader } from './api-reader.ts'
import { isTold, untoldSelectors } from './derivable.ts'
import { projectObject } from './project-object.ts'
import { meshReader } from './mesh-reader.ts'
import { prepareIndexes } from './warm-up.ts'

export interface CacheParts {
  readonly requester: Requester
  readonly rules: readonly AnyRule[]
  readonly log: Logger
  /** What the configuration says about the mesh, asked each time. */
  readonly mesh: () => GuardedMesh
}

/** The cluster as the guard knows it, kept up to date by watches. */
export interface ClusterCache {
  readonly view: LiveView
  readonly watch: Watch
  /** Reads the mesh's settings anew; for when the configuration has changed. Never rejects. */
  readMesh(): Promise<void>
  close(): Promise<void>
}

/**
 * Mesh settings change perhaps once in a cluster's life; reading one ConfigMap is cheaper than watching all
 * of them.
 */
const meshEveryMs = 60_000
/**
 * Objects of which what is derived is kept: deriving takes microseconds, and a judgement rarely looks at
 * more.
 */
const mostDerived = 1_000

/** The kinds that rules look at, and the namespaces, which can opt out. */
export function watchedKinds(rules: readonly AnyRule[]): readonly Kind[] {
  const all = new Set<Kind>(rules.flatMap(({ subject, reads }) => [subject, ...reads]))
  all.delete('ConfigMap')
  return [...all.add('Namespace')]
}

/**
 * What rules may read of an object; nothing of one that its owner tells of, or that is too large to judge.
 */
const keptOf = (object: KubeObject): KubeObject | undefined =>
  isTold(object) ? undefined : projectObject(object)

/** Starts the watches and resolves at once; `watch.synced` tells when everything is known. */
export function startCache({ requester, rules, log, mesh }: CacheParts): ClusterCache {
  const view = new LiveView()
  prepareIndexes(view)
  const watch = startWatch({
    connection: requester,
    kinds: watchedKinds(rules),
    labelSelectors: untoldSelectors,
    view,
    keep: keptOf,
    // Between two judgements: nothing else runs while a change is told of.
    onChange: () => forgetDerived(mostDerived),
    onProblem: (kind, error) =>
      log.warn(
        { kind, error: error instanceof Error ? error.message : String(error) },
        'a watch failed and goes on',
      ),
  })
  const readMesh = meshReader({ read: apiReader(requester), view, log, configured: mesh })
  const timer = setInterval(() => void readMesh(), meshEveryMs).unref()
  void readMesh()
  return {
    view,
    watch,
    readMesh,
    close: () => {
      clearInterval(timer)
      return watch.stop()
    },
  }
}
