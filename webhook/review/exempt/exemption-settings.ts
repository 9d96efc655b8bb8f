import type { AdmissionRequest } from '../admission-request.ts'

/** Who may exempt objects and namespaces, and from what nobody is exempted; see docs/webhook.md. */
export interface ExemptionSettings {
  /** Who may write an exemption or the label that opts a namespace out. One that is there already stays valid. */
  readonly allowed: 'anyone' | 'nobody' | Exempters
  /** The ids of rules from which no exemption counts, whoever wrote it and whenever. */
  readonly never: readonly string[]
}

/** Users and groups by the names that the API server authenticates them by. */
export interface Exempters {
  readonly users?: readonly string[]
  readonly groups?: readonly string[]
}

/** Whether who makes a request may write an exemption. */
export function mayExempt(
  { user, groups }: Pick<AdmissionRequest, 'user' | 'groups'>,
  { allowed }: ExemptionSettings,
): boolean {
  if (allowed === 'anyone') return true
  if (allowed === 'nobody') return false
  return allowed.users?.includes(user) === true || groups.some(group => allowed.groups?.includes(group))
}
