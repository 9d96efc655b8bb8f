import type { Match, NamedTest } from './match.ts'
import { belowOf, type TextTest } from './text-test.ts'

/** Whether every request that meets the other match meets this one: true only where that is certain. */
export const covers = (one: Match, other: Match): boolean =>
  coversPath(one, other)
  && (['method', 'scheme', 'authority'] as const).every(part => coversText(one[part], other[part]))
  && (['headers', 'claims', 'query'] as const).every(part => coversNamed(one[part], other[part]))
  && (['withoutHeaders', 'withoutClaims'] as const).every(part => excludesLess(one[part], other[part]))
  && coversCaller(one, other)

function coversPath(one: Match, other: Match): boolean {
  const isSameCase = one.ignoresCase === other.ignoresCase || one.path?.is === 'regex'
  return one.path === undefined || (isSameCase && coversText(one.path, other.path))
}

const coversText = (one: TextTest | undefined, other: TextTest | undefined): boolean =>
  one === undefined || (other !== undefined && isWithin(other, one))

const coversNamed = (some: readonly NamedTest[], others: readonly NamedTest[]): boolean =>
  some.every(({ name, test }) => others.some(other => other.name === name && isWithin(other.test, test)))

/**
 * What must not be there: whatever is excluded by the one must be by the other. A header that is not there is
 * compared as an empty one, but where presence alone is asked for.
 */
const excludesLess = (some: readonly NamedTest[], others: readonly NamedTest[]): boolean =>
  some.every(({ name, test }) =>
    others.some(
      other =>
        other.name === name
        && (test.is === 'present') === (other.test.is === 'present')
        && isWithin(test, other.test),
    ),
  )

const coversCaller = (one: Match, other: Match): boolean =>
  Object.entries(one.callerLabels).every(([name, value]) => other.callerLabels[name] === value)
  && (one.callerNamespace === undefined || one.callerNamespace === other.callerNamespace)
  && (one.port === undefined || one.port === other.port)
  && (one.entrances.length === 0
    || (other.entrances.length > 0 && other.entrances.every(entrance => one.entrances.includes(entrance))))

/** Whether two tests are written alike. */
export const sameTest = (one: TextTest, other: TextTest): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** Whether some text can pass both tests: false only where that is certain. */
export function canPassBoth(one: TextTest | undefined, other: TextTest | undefined): boolean {
  if (one === undefined || other === undefined) return true
  const [some, others] = [plainOf(one), plainOf(other)]
  return (
    some === undefined
    || others === undefined
    || some.some(test => others.some(rival => passesPlain(test, rival) || passesPlain(rival, test)))
  )
}

/** Whether everything that passes a test passes the other, for certain. */
export function isWithin(test: TextTest, other: TextTest): boolean {
  if (other.is === 'present' || sameTest(test, other)) return true
  const [inner, outer] = [plainOf(test), plainOf(other)]
  if (inner === undefined || outer === undefined) return false
  return inner.every(part => outer.some(whole => passesPlain(part, whole)))
}

interface PlainTest {
  readonly is: 'exact' | 'prefix'
  readonly text: string
}

/** A test as exact texts and prefixes, one of which must be met; undefined where it is none of these. */
function plainOf(test: TextTest): readonly PlainTest[] | undefined {
  if (test.is === 'regex' || test.is === 'present') return undefined
  if (test.is !== 'path-prefix') return [test]
  return [
    { is: 'exact', text: test.text },
    { is: 'prefix', text: belowOf(test.text) },
  ]
}

/** Whether all that passes the one passes the other. */
const passesPlain = (one: PlainTest, other: PlainTest): boolean =>
  other.is === 'prefix' ? one.text.startsWith(other.text) : one.is === 'exact' && one.text === other.text
