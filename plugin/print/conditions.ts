import type { StringMatch } from '../../shared/objects/virtual-service.ts'
import type { Condition } from '../../shared/routing/condition.ts'

/** A condition as people say it: `x-istio-cohort: internal`, `cookie beta=yes`. */
export function formatCondition(condition: Condition): string {
  switch (condition.on) {
    case 'header': return `${condition.name}${formatMatch(condition.match, ': ')}`
    case 'query': return `?${condition.name}${formatMatch(condition.match, '=')}`
    case 'cookie': return `cookie ${condition.name}=${condition.value}`
    case 'source-label': return `from ${condition.name}=${condition.value}`
  }
}

function formatMatch({ exact, prefix, regex }: StringMatch, sign: string): string {
  if (exact !== undefined) return `${sign}${exact}`
  if (prefix !== undefined) return `${sign}${prefix}…`
  return regex === undefined ? ' is set' : `${sign}/${regex}/`
}
