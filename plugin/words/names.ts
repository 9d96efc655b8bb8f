import { CanaryError } from '../../shared/objects/canary-error.ts'

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * The name of a cohort; it becomes a part of route names and a header's value, so it is a DNS label. Throws
 * `usage` for another one.
 */
export function checkCohortName(name: string): string {
  if (dnsLabel.test(name)) return name
  throw new CanaryError('usage', `"${name}" is no name for a cohort`, {
    hints: ['It has lower-case letters, digits and dashes, at most 63: internal, beta-testers.'],
  })
}

/** A version as people say it: a label value, so that whoever mistypes a flag learns it here. */
export function checkVersion(name: string): string {
  if (/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(name)) return name
  throw new CanaryError('usage', `"${name}" is no name of a version`, {
    hints: ['A version is what the label or the subset says: v2. kubectl canary status lists them.'],
  })
}
