import type { Finding } from './rule.ts'

/** A finding on an edit that does not stop it, and why it does not. */
export interface JudgedFinding {
  /** Introduced as a warning; an error that a person overrides; or an error that existed before the edit. */
  readonly kind: 'warning' | 'overridden' | 'existing'
  readonly finding: Finding
}
