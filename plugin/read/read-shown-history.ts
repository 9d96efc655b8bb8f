import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { ChangeSummary, HistoryScope } from '../../shared/view/history.ts'
import type { Store } from '../../shared/view/store.ts'
import { bareName, namespaceNamed } from '../words/names.ts'
import type { CommandScope } from './read-for-command.ts'

/** Whose history a command shows. */
export interface HistoryWords extends CommandScope {
  readonly allNamespaces: boolean
}

/** Recorded changes, and where they were looked for. */
export interface ShownHistory {
  readonly changes: readonly ChangeSummary[]
  /** A few words: `namespace shop`. */
  readonly where: string
}

/**
 * The recorded changes of the Service that was named, else of all in the namespace or the cluster. They are
 * there also where the Service has no route any more. Throws a CanaryError where they may not be read.
 */
export async function readShownHistory(store: Store, words: HistoryWords): Promise<ShownHistory> {
  const { history } = store
  if (history === undefined)
    throw new CanaryError('usage', 'files have no history of their own: use version control, as with git log')
  let shown: ShownHistory | undefined
  for (const scope of scopesOf(store, words)) {
    const { changes, missing } = await history.list(scope)
    if (missing !== undefined) throw new CanaryError('forbidden', `cannot read the history: ${missing}`)
    shown ??= { changes, where: whereOf(scope) }
    if (changes.length > 0) return { changes, where: whereOf(scope) }
  }
  return shown!
}

/** Where to look, the likeliest place first: `example.com` may be a Service, or the host of a ServiceEntry. */
function scopesOf(store: Store, { service, allNamespaces }: HistoryWords): readonly HistoryScope[] {
  if (allNamespaces) return [{ namespace: '*' }]
  const { namespace } = store
  if (service === undefined) return [{ namespace }]
  const name = bareName(service)
  const named = namespaceNamed(service)
  const asHost = { namespace, service: name }
  return named === undefined ? [asHost] : [{ namespace: named, service: name.split('.')[0]! }, asHost]
}

function whereOf({ namespace, service }: HistoryScope): string {
  const where = namespace === '*' ? 'any namespace' : `namespace ${namespace}`
  return service === undefined ? where : `the history of ${service} in ${where}`
}
