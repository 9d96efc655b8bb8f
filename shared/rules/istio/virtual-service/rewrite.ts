import type { Path } from '../../rule.ts'
import type { Fault, Re2Fault } from '../../schema/fault.ts'
import { checkRegex } from './match.ts'

export interface RewriteSpec {
  readonly uri?: string
  readonly authority?: string
  readonly uriRegexRewrite?: { readonly match?: string; readonly rewrite?: string }
}

/** What is wrong with a rewrite. */
export function* checkRewrite(
  { uri = '', authority = '', uriRegexRewrite }: RewriteSpec,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if (uri !== '' && uriRegexRewrite !== undefined)
    yield { path, message: 'a rewrite can have uri or uriRegexRewrite, not both', about: 'both' }
  if (uri === '' && authority === '' && uriRegexRewrite === undefined)
    yield { path, message: 'a rewrite must change the uri or the authority', about: '' }
  if (uriRegexRewrite !== undefined)
    yield* checkRegexRewrite(uriRegexRewrite, re2Fault, [...path, 'uriRegexRewrite'])
}

function* checkRegexRewrite(
  { match = '', rewrite = '' }: NonNullable<RewriteSpec['uriRegexRewrite']>,
  re2Fault: Re2Fault | undefined,
  path: Path,
): Iterable<Fault> {
  if (match === '' || rewrite === '')
    yield { path, message: 'uriRegexRewrite needs both match and rewrite', about: '' }
  else yield* checkRegex(match, re2Fault, [...path, 'match'])
}
