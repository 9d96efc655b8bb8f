import type { Match, NamedTest } from './match.ts'
import { formatNamedTest, formatTest } from './text-test.ts'

/**
 * What a route takes, in few words: `/items*`, `POST /pay`, `from app=webapp`, `via internal`; nothing for a route that takes
 * everything.
 */
export function describe(matches: readonly Match[]): string {
  const texts = [...new Set(matches.map(describeOne))]
  return texts.includes('') ? '' : texts.join(' or ')
}

const describeOne = (match: Match): string =>
  [
    match.method === undefined ? '' : formatTest(match.method),
    match.path === undefined || match.path.is === 'present' ? '' : formatTest(match.path),
    ...match.headers.map(({ name, test }) => formatNamedTest(name, test, ': ')),
    ...match.withoutHeaders.map(excluded => `without ${unwanted(excluded, ': ')}`),
    ...match.claims.map(({ name, test }) => `claim ${formatNamedTest(name, test, '=')}`),
    ...match.withoutClaims.map(excluded => `without claim ${unwanted(excluded, '=')}`),
    ...match.query.map(({ name, test }) => `query ${formatNamedTest(name, test, '=')}`),
    ...Object.entries(match.callerLabels).map(([name, value]) => `from ${name}=${value}`),
    match.callerNamespace === undefined ? '' : `from namespace ${match.callerNamespace}`,
    match.port === undefined ? '' : `port ${match.port}`,
    match.scheme === undefined ? '' : `scheme ${formatTest(match.scheme)}`,
    match.authority === undefined ? '' : formatTest(match.authority),
    match.entrances.length === 0 ? '' : `via ${match.entrances.join(' or ')}`,
  ]
    .filter(text => text !== '')
    .join(' ')

/** `x-test` where the name alone is unwanted, `x-test: 1` where others of its values are taken. */
const unwanted = ({ name, test }: NamedTest, separator: ': ' | '='): string =>
  test.is === 'present' ? name : formatNamedTest(name, test, separator)
