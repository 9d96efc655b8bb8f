import { conditionTestOf, type Condition } from './condition.ts'
import { canPassBoth, isWithin, sameTest } from './covers.ts'
import type { Match, NamedTest } from './match.ts'
import type { TextTest } from './text-test.ts'

/**
 * A match narrowed to the requests that also meet the conditions. Only sensible where they do not {@link
 * clash}.
 */
export function narrow(match: Match, conditions: readonly Condition[]): Match {
  const added = conditions.map(conditionTestOf)
  const tests = (where: 'headers' | 'claims' | 'query'): readonly NamedTest[] => {
    const own = added.filter(one => one.in === where).map(({ name, test }) => ({ name, test }))
    const names = new Set(own.map(({ name }) => name))
    return [...match[where].filter(({ name }) => !names.has(name)), ...own]
  }
  const labels = added.flatMap(({ in: where, name, test }) =>
    where === 'callerLabels' && test.is === 'exact' ? [[name, test.text] as const] : [],
  )
  return {
    ...match,
    headers: tests('headers'),
    claims: tests('claims'),
    query: tests('query'),
    callerLabels: { ...match.callerLabels, ...Object.fromEntries(labels) },
  }
}

const whats = { headers: 'header', claims: 'claim', query: 'query parameter', callerLabels: 'source label' }

/**
 * Why a match cannot be narrowed by the conditions, because it already says something else about the same
 * thing; undefined if it can.
 */
export function clash(match: Match, conditions: readonly Condition[]): string | undefined {
  for (const { in: where, name, test } of conditions.map(conditionTestOf)) {
    const there = where === 'callerLabels' ? labelTests(match) : match[where]
    if (there.some(other => other.name === name && !sameTest(other.test, test)))
      return `it already tests the ${whats[where]} ${name} otherwise`
    const excluded =
      where === 'headers' ? match.withoutHeaders : where === 'claims' ? match.withoutClaims : []
    if (excluded.some(other => other.name === name))
      return `it already excludes requests by the ${whats[where]} ${name}`
  }
  return undefined
}

const labelTests = ({ callerLabels }: Match): readonly NamedTest[] =>
  Object.entries(callerLabels).map(([name, text]) => ({ name, test: { is: 'exact', text } }))

/** Whether some request can meet both: false only where that is certain. */
export const canBothHold = (one: Match, other: Match): boolean =>
  agree(one.port, other.port)
  && agree(one.callerNamespace, other.callerNamespace)
  && Object.entries(one.callerLabels).every(([name, value]) => agree(value, other.callerLabels[name]))
  && (one.entrances.length === 0
    || other.entrances.length === 0
    || one.entrances.some(entrance => other.entrances.includes(entrance)))
  && canPassBothPaths(one, other)
  && (['method', 'scheme', 'authority'] as const).every(part => canPassBoth(one[part], other[part]))
  // A claim may have several values, so that no two tests of one exclude each other.
  && (['headers', 'query'] as const).every(part =>
    one[part].every(({ name, test }) =>
      other[part].every(rival => rival.name !== name || canPassBoth(test, rival.test)),
    ),
  )
  && !excludes(one, other)
  && !excludes(other, one)

const agree = <T>(one: T | undefined, other: T | undefined): boolean =>
  one === undefined || other === undefined || one === other

function canPassBothPaths(one: Match, other: Match): boolean {
  if (!one.ignoresCase && !other.ignoresCase) return canPassBoth(one.path, other.path)
  return canPassBoth(lowered(one.path), lowered(other.path))
}

const lowered = (test: TextTest | undefined): TextTest | undefined =>
  test !== undefined && test.is !== 'regex' && test.is !== 'present'
    ? { ...test, text: test.text.toLowerCase() }
    : test

const excludes = (other: Match, one: Match): boolean =>
  isExcluded(one.headers, other.withoutHeaders) || isExcluded(one.claims, other.withoutClaims)

/** Whether whatever meets one of the tests is excluded by what the other match must not see. */
const isExcluded = (tests: readonly NamedTest[], without: readonly NamedTest[]): boolean =>
  tests.some(({ name, test }) =>
    without.some(excluded => excluded.name === name && isWithin(test, excluded.test)),
  )
