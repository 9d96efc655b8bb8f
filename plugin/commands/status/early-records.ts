import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { HistoryScope, RecordedChanges } from '../../../shared/view/history.ts'
import type { FoundRuns } from '../../../shared/view/runs/run-store.ts'
import type { Store } from '../../../shared/view/store.ts'

/** Our own records of services, asked for while their routing is read: that is one round trip less. */
export interface EarlyRecords {
  readonly scope: HistoryScope
  readonly changes: Promise<RecordedChanges>
  readonly runs: Promise<FoundRuns>
}

/**
 * Asks for the records of the services that are meant; undefined where only the reading shows which these are, and
 * of files, which have none.
 */
export function beginRecords(
  { history, runs, namespace }: Pick<Store, 'history' | 'runs' | 'namespace'>,
  { service, allNamespaces }: { readonly service: string | undefined; readonly allNamespaces: boolean },
): EarlyRecords | undefined {
  if (history === undefined || runs === undefined || /[./]/.test(service ?? '')) return undefined
  const scope = { namespace: allNamespaces ? '*' : namespace, ...(service !== undefined && { service }) }
  const early = { scope, changes: history.list(scope), runs: runs.list(scope.namespace) }
  // Where the reading fails first, nobody waits for them.
  for (const asked of [early.changes, early.runs]) asked.catch(() => undefined)
  return early
}

/** Whether what was asked for is of all of these services. */
export const isAbout = (
  { scope }: Pick<EarlyRecords, 'scope'>,
  services: readonly ServiceReading[],
): boolean =>
  services.every(
    ({ traffic }) =>
      (scope.namespace === '*' || scope.namespace === traffic.namespace)
      && (scope.service === undefined || scope.service === traffic.service),
  )

/** What was found early, but where the rights are not enough for all namespaces and may be for those of the services. */
export async function foundEarly<T extends { readonly missing?: string | undefined }>(
  asked: Promise<T> | undefined,
  { early, namespace }: { readonly early: EarlyRecords | undefined; readonly namespace: string },
): Promise<T | undefined> {
  const found = await asked
  return found?.missing !== undefined && early?.scope.namespace !== namespace ? undefined : found
}
