import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { changedRef } from '../../../shared/view/change.ts'
import type { ChangeRecord, ChangeSummary, HistoryStore, OpenRecord } from '../../../shared/view/history.ts'

/** A history in memory, kept as the cluster keeps one: a record is there before its change is made. */
export class MemoryHistory implements HistoryStore {
  records: readonly ChangeRecord[] = []
  readonly announced: string[] = []
  /** Why the records may not be read or written. */
  missing: string | undefined
  user = 'alice'

  async list({ namespace, service }: { readonly namespace: string; readonly service?: string }) {
    if (this.missing !== undefined) return { changes: [], missing: this.missing }
    return {
      changes: this.records
        .filter(
          record =>
            (namespace === '*' || record.namespace === namespace)
            && (service === undefined || record.service === service),
        )
        .map(({ changes: _, ...summary }): ChangeSummary => summary),
    }
  }

  async load(summary: ChangeSummary): Promise<ChangeRecord> {
    const found = this.records.find(isRecordOf(summary))
    if (found === undefined) throw new CanaryError('not-found', `no record ${summary.id}`)
    return found
  }

  async open({
    owner: _,
    earlier,
    ...record
  }: Parameters<HistoryStore['open']>[0]): Promise<OpenRecord | string> {
    if (this.missing !== undefined) return this.missing
    const { service, namespace, revision } = record
    const isSame = (other: ChangeSummary): boolean =>
      other.service === service && other.namespace === namespace && other.revision === revision
    if (this.records.some(isSame))
      throw new CanaryError('conflict', 'somebody else is changing the same service')
    const whole = {
      ...record,
      id: record.id ?? `${service}-${namespace}-${revision}`,
      by: this.user,
      namespaces: [...new Set(record.changes.map(change => changedRef(change).namespace))],
    }
    this.records = [...this.records, whole]
    return this.#handle(whole, earlier)
  }

  reopen(summary: ChangeSummary): OpenRecord {
    return this.#handle(summary, [])
  }

  async announce({ title }: { readonly title: string }): Promise<void> {
    this.announced.push(title)
  }

  #handle(summary: ChangeSummary, earlier: readonly ChangeSummary[]): OpenRecord {
    const isThis = isRecordOf(summary)
    const replace = (change: (record: ChangeRecord) => ChangeRecord): void => {
      this.records = this.records.map(record => (isThis(record) ? change(record) : record))
    }
    const beat = (heartbeat: string | undefined) => async () =>
      replace(record => ({ ...record, heartbeat: heartbeat ?? new Date().toISOString() }))
    return {
      id: summary.id,
      renew: beat(undefined),
      expire: beat(new Date(0).toISOString()),
      close: async limit => {
        replace(({ heartbeat: _, ...record }) => record)
        const gone = earlier.slice(0, Math.max(0, earlier.length + 1 - limit)).map(isRecordOf)
        this.records = this.records.filter(record => !gone.some(isGone => isGone(record)))
      },
      discard: async () => {
        this.records = this.records.filter(record => !isThis(record))
      },
    }
  }
}

/** The records of one change for several services have one id. */
const isRecordOf =
  ({ id, service, namespace }: ChangeSummary) =>
  (record: ChangeSummary): boolean =>
    record.id === id && record.service === service && record.namespace === namespace
