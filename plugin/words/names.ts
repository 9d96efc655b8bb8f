import { CanaryError } from '../../shared/objects/canary-error.ts'

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * The name of a cohort; it becomes a part of route names and a header's value, so it is a DNS label. Throws
 * `usage` for another one.
 */
export function checkCohortName(name: string): string {
  if (dnsLabel.test(name)) return name
  throw invalid(
    `"${name}" is not a valid cohort name`,
    'Use lower-case letters, digits and dashes, at most 63 characters: internal, beta-testers.',
  )
}

/** The name of a namespace; throws `usage` for what none can have. */
export function checkNamespace(name: string): string {
  if (dnsLabel.test(name)) return name
  throw invalid(
    `"${name}" is not a valid namespace name`,
    'Use lower-case letters, digits and dashes, at most 63 characters.',
  )
}

/** A version as people say it: a label value. Throws `usage` for another word, such as a mistyped flag. */
export function checkVersion(name: string): string {
  if (/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(name)) return name
  throw invalid(
    `"${name}" is not a valid version name`,
    'A version is the value of the version label, or the name of a subset: v2. kubectl canary status lists them.',
  )
}

/** A Service as people say it, or the host of a ServiceEntry; throws `usage` for what neither can be. */
export function checkServiceName(name: string): string {
  const parts = name
    .replace(/^(svc|services?)\//, '')
    .replace(/\.$/, '')
    .split('.')
  if (parts.every(part => dnsLabel.test(part))) return name
  throw invalid(
    `"${name}" is not a valid Service name`,
    'Use NAME, or NAME.NAMESPACE for a Service in another namespace, or the host of a ServiceEntry.',
  )
}

const invalid = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
