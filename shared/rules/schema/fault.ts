import { valueAt } from '../../objects/paths.ts'
import { formatPath, type Path, type Violation } from '../rule.ts'

/** One thing for which the API server, or a webhook of the API, refuses an object. */
export interface Fault {
  readonly path: Path
  readonly message: string
  readonly fix?: string
  /** What it is about besides its place, where it is not the plain value that is there. */
  readonly about?: string
}

/**
 * Says what is wrong with a linear-time regular expression (RE2), or nothing. Handed in, because the pure
 * folders import no package.
 */
export type Re2Fault = (pattern: string) => string | undefined

/** A fault as a rule says it of an object. */
export const violationOf = (fault: Fault, object: unknown): Violation => ({
  path: fault.path,
  message: fault.message,
  about: aboutOf(fault, object),
  fix: fault.fix ?? fixOf(fault),
})

/** A fault's identity: where it is, less the indexes, and the plain value that is there. */
function aboutOf({ path, about }: Fault, object: unknown): string {
  const value = valueAt(object, path)
  const said =
    about
    ?? (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : '')
  return `${path.filter(step => typeof step === 'string').join('.')} ${said}`.trim()
}

/** What is allowed there, which a fault says of the field as a rule. */
function fixOf({ path, about, message }: Fault): string {
  const field = path.length === 0 ? 'the object' : formatPath(path)
  if (about === 'unknown field') return `Remove ${field}.`
  return /^(?:must|can|is|needs|has) /.test(message)
    ? `Change ${field}: it ${message}.`
    : `Change ${field}: ${message}.`
}
