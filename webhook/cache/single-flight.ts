import { formatLabels } from '../../shared/objects/labels.ts'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import type { RestsOn } from '../../shared/rules/rule.ts'

/** Reads one object (an empty list if there is none), or all of a kind in a namespace, from the API server. */
export type ApiRead = (evidence: RestsOn, signal: AbortSignal) => Promise<readonly KubeObject[]>

/** The key of what is read: of one object, or of all objects of a kind in a namespace. */
export const evidenceKey = (evidence: RestsOn): string =>
  evidence.name === undefined
    ? `${evidence.kind} ${evidence.namespace}/*${evidence.labels === undefined ? '' : formatLabels(evidence.labels)}`
    : keyOf(evidence)

interface SharedRead {
  current: Promise<readonly KubeObject[]>
  next?: Promise<readonly KubeObject[]>
}

/**
 * Reads the same evidence once for all callers of the same time. A caller that comes during a read gets the next
 * one, because the read under way may have started before the write that the caller asks about. A read has its
 * own deadline, `timeoutMs`, and none of its callers'.
 */
export function singleFlight(read: ApiRead, timeoutMs: number): ApiRead {
  const reads = new Map<string, SharedRead>()
  const start = (evidence: RestsOn): Promise<readonly KubeObject[]> =>
    read(evidence, AbortSignal.timeout(timeoutMs))

  const finish = (key: string, shared: SharedRead): void => {
    if (shared.next === undefined) {
      reads.delete(key)
    } else {
      shared.current = shared.next
      delete shared.next
    }
  }

  const join = (evidence: RestsOn): Promise<readonly KubeObject[]> => {
    const key = evidenceKey(evidence)
    const shared = reads.get(key)
    if (shared !== undefined) {
      shared.next ??= shared.current
        .then(
          () => undefined,
          () => undefined,
        )
        .then(() => start(evidence))
        .finally(() => finish(key, shared))
      return shared.next
    }
    const started: SharedRead = { current: start(evidence).finally(() => finish(key, started)) }
    reads.set(key, started)
    return started.current
  }

  return (evidence, signal) => withSignal(join(evidence), signal)
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  // Both are raced below; the loser must not become an unhandled rejection.
  aborted.catch(() => undefined)
  promise.catch(() => undefined)
  const abort = (): void => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
