import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Reading, Store } from '../../../shared/view/store.ts'

/** What was read, and whether it is all that the cluster has. */
export interface PermittedReading extends Reading {
  readonly isWhole: boolean
}

/**
 * Reads all namespaces, because routes lead from one to another; who may not do that and asks about one namespace
 * gets that one, judged as if others had more. Without a namespace all are judged.
 */
export async function readPermitted(store: Store, namespace: string | undefined): Promise<PermittedReading> {
  try {
    return { ...(await store.read({ namespaces: '*' })), isWhole: true }
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'forbidden' || namespace === undefined) throw error
    const reading = await store.read({ namespaces: [namespace] })
    const notes =
      reading.notes.length > 0
        ? reading.notes
        : [`No permission to read all namespaces: objects outside ${namespace} were not checked.`]
    return { ...reading, notes, isWhole: false }
  }
}
