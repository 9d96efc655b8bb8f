import type { StringMatch } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { durationFault } from '../duration.ts'
import type { Fault, Re2Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'
import { isHeaderName } from './headers.ts'
import { checkRegex } from './match.ts'

export interface CorsPolicy {
  readonly allowOrigins?: readonly StringMatch[]
  readonly allowMethods?: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly maxAge?: string
}

const methods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
])

/** What is wrong with a CORS policy. */
export function* checkCors(policy: CorsPolicy, re2Fault: Re2Fault | undefined, path: Path): Iterable<Fault> {
  const { allowOrigins = [], allowMethods = [], maxAge } = policy
  for (const [i, origin] of allowOrigins.entries())
    yield* checkOrigin(origin, re2Fault, [...path, 'allowOrigins', i])
  for (const [i, method] of allowMethods.entries()) {
    if (!methods.has(method))
      yield {
        path: [...path, 'allowMethods', i],
        message: `${JSON.stringify(method)} is not an HTTP method; methods are upper case`,
      }
  }
  for (const key of ['allowHeaders', 'exposeHeaders'] as const)
    yield* checkHeaderNames(policy[key] ?? [], [...path, key])
  if (maxAge !== undefined) yield* faultAt([...path, 'maxAge'], maxAgeFault(maxAge))
}

function* checkOrigin(
  { exact, prefix, regex }: StringMatch,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if ((exact ?? prefix ?? regex ?? '') === '')
    yield { path, message: 'an origin must not be empty', about: '' }
  else yield* checkRegex(regex, re2Fault, [...path, 'regex'])
}

function* checkHeaderNames(names: readonly string[], path: Path): Iterable<Fault> {
  for (const [i, name] of names.entries()) {
    if (!isHeaderName(name))
      yield { path: [...path, i], message: `${JSON.stringify(name)} is not the name of a header` }
  }
}

const maxAgeFault = (maxAge: string): string | undefined =>
  durationFault(maxAge)
  ?? ((parseDuration(maxAge) ?? 0) % 1000 === 0 ? undefined : `must be whole seconds, not ${maxAge}`)
