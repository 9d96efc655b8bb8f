import type { CheckedWorkloadEntry } from '../workload/workload-entry.ts'
import type { ServiceEntryPort } from './ports.ts'

/** A ServiceEntry's spec that holds its schema. */
export interface CheckedServiceEntry {
  readonly hosts: readonly string[]
  readonly addresses?: readonly string[]
  readonly ports?: readonly ServiceEntryPort[]
  readonly location?: string
  readonly resolution?: string
  readonly endpoints?: readonly CheckedWorkloadEntry[]
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> }
  readonly exportTo?: readonly string[]
}
