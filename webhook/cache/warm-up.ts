import { setImmediate as nextTurn } from 'node:timers/promises'
import { judgeChanges, type Judge } from '../../shared/rules/introduced.ts'
import { beingDeletedByNamespace } from '../../shared/rules/affected/being-deleted.ts'
import type { ClusterView, Index } from '../../shared/view/cluster-view.ts'
import { routeIndexes } from '../../shared/providers/gateway-api/resolve/indexes.ts'
import * as routing from '../../shared/providers/istio/resolve/indexes/routing.ts'
import * as providers from '../../shared/providers/istio/resolve/indexes/providers.ts'
import { keepersOfAll } from '../../shared/workloads/pods/kept-pods.ts'
import * as workloads from '../../shared/workloads/workload-indexes.ts'

const isIndex = (value: unknown): value is Index =>
  typeof value === 'object' && value !== null && 'keysOf' in value
const indexes = (
  [
    ...Object.values(routing),
    ...Object.values(providers),
    ...Object.values(workloads),
    ...Object.values(workloads.workloadsByLabel),
    ...keepersOfAll,
    ...routeIndexes,
    ...beingDeletedByNamespace,
  ] as readonly unknown[]
).filter(isIndex)

/**
 * Makes an empty view maintain every index from the start: to build all of them from a large cluster blocks the
 * process for seconds.
 */
export function prepareIndexes(view: ClusterView): void {
  for (const index of indexes) view.find(index, '')
}

/**
 * Judges one deletion of every kind and drops the result, so that the first review does not wait for what is
 * done only once. Never rejects.
 */
export async function warmUp(view: ClusterView, judge: Judge): Promise<void> {
  for (const index of indexes) {
    view.find(index, '')
    await nextTurn()
  }
  for (const kind of new Set(judge.rules.map(({ subject }) => subject))) {
    const [before] = view.list(kind)
    try {
      if (before !== undefined) judgeChanges(judge, view, [{ before }])
    } catch {
      // The failure of a rule is reported by the review or audit that it occurs in.
    }
    await nextTurn()
  }
}
