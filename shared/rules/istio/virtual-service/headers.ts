import { quotedName } from '../../../objects/text/escaped.ts'
import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'

export interface HeaderOperationsSpec {
  readonly add?: Readonly<Record<string, string>>
  readonly set?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}
export interface Headers {
  readonly request?: HeaderOperationsSpec
  readonly response?: HeaderOperationsSpec
}

/** RFC 7230, a token. */
export const isHeaderName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/.test(name)

/** What is wrong with the headers that a route or destination adds, sets and removes. */
export function* checkHeaders({ request, response }: Headers, path: Path): Iterable<Fault> {
  if (request !== undefined) yield* checkOperations(request, [...path, 'request'], requestNameFault)
  if (response !== undefined) yield* checkOperations(response, [...path, 'response'], nameFault)
}

function* checkOperations(
  { add = {}, set = {}, remove = [] }: HeaderOperationsSpec,
  path: Path,
  written: (name: string) => string | undefined,
): Iterable<Fault> {
  for (const [operation, headers] of Object.entries({ add, set })) {
    for (const [name, value] of Object.entries(headers)) {
      const at = [...path, operation, name]
      const message = written(name)
      if (message !== undefined) yield { path: at, message, about: '' }
      yield* faultAt(at, valueFault(value))
    }
  }
  for (const [i, name] of remove.entries()) yield* faultAt([...path, 'remove', i], nameFault(name))
}

function nameFault(name: string): string | undefined {
  if (name === '') return 'the name of a header must not be empty'
  if (name.toLowerCase() === 'host') return `${quotedName(name)} cannot be changed here`
  return name.startsWith(':') ? `${name} cannot be changed: names with a colon belong to HTTP/2` : undefined
}

const isAuthority = (name: string): boolean => [':authority', 'host'].includes(name.toLowerCase())

/** In a request the authority may be set, in one place. */
const requestNameFault = (name: string): string | undefined =>
  isAuthority(name) ? undefined : nameFault(name)

/** The authority is rewritten in one place: `rewrite.authority`, or one header. */
export function* checkAuthority(
  rewritten: string | undefined,
  { request: { set = {}, add = {} } = {} }: Headers,
  path: Path,
): Iterable<Fault> {
  let current = rewritten ?? ''
  for (const [operation, headers] of Object.entries({ set, add })) {
    for (const [name, value] of Object.entries(headers)) {
      if (!isAuthority(name)) continue
      if (current !== '') {
        yield {
          path: [...path, 'headers', 'request', operation, name],
          message: `the authority is set twice: to ${current} and to ${value}`,
        }
        return
      }
      current = value
    }
  }
}

// Envoy's formatter: %% is a percent sign, %NAME% and %NAME(arguments)% are variables, arguments are free
// text or a list of JSON strings.
const text = String.raw`(?:\\[\s\S]|[^\\)"])*`
const listOrText = String.raw`\( *(?:\[ *"|[^ [])${text}(?:" *, *"${text})*(?:\)|" *\] *\)) *%`
const valueForm = new RegExp(`^(?:[^%]|%%|%[^%(]+%|%[^%(]*${listOrText})*$`)

function valueFault(value: string): string | undefined {
  if (/[\u0000-\u0008\u000A-\u001F\u007F]/.test(value))
    return 'the value of a header must not have control characters'
  return valueForm.test(value)
    ? undefined
    : 'the value has a % that starts no variable; write %% for a percent sign'
}
