import { valueAt } from '../../objects/paths.ts'
import type { Path } from '../rule.ts'

/** One thing for which Istio or the API server refuses an object. */
export interface Fault {
  readonly path: Path
  readonly message: string
  readonly fix?: string
  /** What it is about besides its place, where it is not the plain value that stands there. */
  readonly about?: string
}

/**
 * Says what is wrong with a linear-time regular expression (RE2), or nothing. Handed in, because the pure
 * folders import no package.
 */
export type Re2Fault = (pattern: string) => string | undefined

/** A fault's identity: where it is, less the indexes, and the plain value that stands there. */
export function aboutOf({ path, about }: Fault, object: unknown): string {
  const value = valueAt(object, path)
  const said =
    about
    ?? (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : '')
  return `${path.filter(step => typeof step === 'string').join('.')} ${said}`.trim()
}
