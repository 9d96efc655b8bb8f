import type { HttpMatch, StringMatch } from '../../../objects/virtual-service.ts'
import { formatCondition } from '../../../routing/condition.ts'
import { listOf } from './routed-service.ts'

/** What a route takes, in few words: `/items*`, `POST /pay`, `from app=webapp`; nothing for a route that takes everything. */
export function takes({ match }: { readonly match?: readonly HttpMatch[] }): string {
  return listOf(match)
    .map(block =>
      [
        textOf(block.method),
        textOf(block.uri),
        ...Object.entries(block.headers ?? {}).map(([name, value]) =>
          formatCondition({ on: 'header', name, match: value }),
        ),
        ...Object.keys(block.withoutHeaders ?? {}).map(name => `without ${name}`),
        ...Object.entries(block.queryParams ?? {}).map(([name, value]) =>
          formatCondition({ on: 'query', name, match: value }),
        ),
        ...Object.entries(block.sourceLabels ?? {}).map(([name, value]) => `from ${name}=${value}`),
        block.sourceNamespace === undefined ? '' : `from namespace ${block.sourceNamespace}`,
        block.port === undefined ? '' : `port ${block.port}`,
        textOf(block.authority),
      ]
        .filter(text => text !== '')
        .join(' '),
    )
    .filter(text => text !== '')
    .join(' or ')
}

function textOf(match: StringMatch | undefined): string {
  if (match === undefined) return ''
  return match.exact ?? (match.prefix !== undefined ? `${match.prefix}*` : `~ ${match.regex ?? ''}`)
}
