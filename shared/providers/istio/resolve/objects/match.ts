import type { Labels } from '../../../../objects/kube-object.ts'
import type { HttpMatch, StringMatch } from '../../../../objects/virtual-service.ts'
import { fieldsOf, isFields, labelsOf, numberOf, textOf, textsOf } from '../../../../objects/unchecked.ts'
import { conditionTestOf, escapeRegex, type Condition } from '../../../../routing/condition.ts'
import { describe } from '../../../../routing/describe-match.ts'
import { anything, isCatchAll, type Match, type NamedTest } from '../../../../routing/match.ts'
import { canBothHold, clash as clashOf, narrow as narrowOf } from '../../../../routing/narrow.ts'
import { testOf, type TextTest } from '../../../../routing/text-test.ts'
import { claimHeader, claimIn } from './claims.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a block asks for beside the request: whose proxy, on behalf of which gateway, on which port. */
export interface MatchSource {
  /** Gateways by `namespace/name`, or `mesh`; none means all that the VirtualService has. */
  readonly gateways: readonly string[]
  readonly port: number | undefined
  readonly sourceNamespace: string | undefined
  readonly sourceLabels: Labels
}

export function matchSourceOf(block: Fields, namespace: string): MatchSource {
  const port = numberOf(block['port'])
  return {
    gateways: textsOf(block['gateways']).map(name => gatewayName(name, namespace)),
    port: port === 0 ? undefined : port,
    sourceNamespace: textOf(block['sourceNamespace']),
    sourceLabels: labelsOf(block['sourceLabels']),
  }
}

/**
 * A block of a route's `match` in the common terms. Where it names gateways, whose proxy it is does not
 * matter (sourceMatchHTTP).
 */
export const matchOf = (
  block: Fields,
  { gateways, port, sourceNamespace, sourceLabels }: MatchSource,
): Match => ({
  path: isFields(block['uri']) ? testOf(block['uri']) : undefined,
  ignoresCase: block['ignoreUriCase'] === true,
  method: stringTest(block['method']),
  scheme: stringTest(block['scheme']),
  authority: stringTest(block['authority']),
  headers: namedTests(block['headers'], headerIn),
  withoutHeaders: namedTests(block['withoutHeaders'], headerIn),
  claims: namedTests(block['headers'], claimIn),
  withoutClaims: namedTests(block['withoutHeaders'], claimIn),
  query: namedTests(block['queryParams'], name => name),
  port,
  entrances: gateways,
  callerLabels: gateways.length > 0 ? anything.callerLabels : sourceLabels,
  callerNamespace: gateways.length > 0 ? undefined : sourceNamespace,
})

const stringTest = (value: unknown): TextTest | undefined => {
  if (!isFields(value)) return undefined
  // `*` is no expression: Istio takes it for presence (canBeConvertedToPresentMatch).
  return value['regex'] === '*' ? { is: 'present' } : testOf(value)
}

const headerIn = (key: string): string | undefined =>
  claimIn(key) === undefined ? key.toLowerCase() : undefined

/** The tests whose keys have a name of this sort. */
const namedTests = (value: unknown, nameIn: (key: string) => string | undefined): readonly NamedTest[] => {
  const entries = Object.entries(fieldsOf(value))
  if (entries.length === 0) return anything.headers
  return entries.flatMap(([key, test]) => {
    const name = nameIn(key)
    return name === undefined ? [] : [{ name, test: stringTest(test) ?? { is: 'present' } }]
  })
}

const noSource: MatchSource = {
  gateways: [],
  port: undefined,
  sourceNamespace: undefined,
  sourceLabels: {},
}

const matchOfBlock = (block: HttpMatch): Match => {
  const fields = fieldsOf(block)
  return matchOf(fields, matchSourceOf(fields, ''))
}

/** Whether a block asks nothing of the request itself: Istio moves its route to the end of a gateway's table. */
export const takesEverything = (block: HttpMatch): boolean => isCatchAll(matchOfBlock(block))

/**
 * What a route takes, in few words: `/items*`, `POST /pay`, `from app=webapp`; nothing for a route that takes
 * everything.
 */
export const describeBlocks = (blocks: readonly HttpMatch[]): string =>
  describe(blocks.map(block => ({ ...matchOfBlock(block), entrances: textsOf(fieldsOf(block)['gateways']) })))

const blockFields = {
  headers: 'headers',
  claims: 'headers',
  query: 'queryParams',
  callerLabels: 'sourceLabels',
} as const

/**
 * A match block narrowed to the requests that also meet the conditions; what else it says stays as it is
 * written.
 */
export function narrow(block: HttpMatch, conditions: readonly Condition[]): HttpMatch {
  const added = conditions.map(conditionTestOf)
  const fields = [...new Set(added.map(({ in: where }) => blockFields[where]))].map(field => {
    const entries = added
      .filter(one => blockFields[one.in] === field)
      .map(({ in: where, name, test }) => [
        keyIn(block, where, name),
        where === 'callerLabels' ? textIn(test) : stringMatchOf(test),
      ])
    return [field, { ...block[field], ...Object.fromEntries(entries) }] as const
  })
  return { ...block, ...Object.fromEntries(fields) }
}

/** The key of a test in a block: as it is there, in whatever spelling, else the usual one. */
function keyIn({ headers }: HttpMatch, where: keyof typeof blockFields, name: string): string {
  const keys = Object.keys(fieldsOf(headers))
  if (where === 'claims') return keys.find(key => claimIn(key) === name) ?? claimHeader(name)
  return (where === 'headers' ? keys.find(key => headerIn(key) === name) : undefined) ?? name
}

/** Whether some request of a block can also meet the conditions: false only where that is certain. */
export const canMeet = (block: HttpMatch, conditions: readonly Condition[]): boolean =>
  canBothHold(matchOfBlock(block), narrowOf(anything, conditions))

/**
 * Why a block cannot be narrowed by the conditions, because it already says something else about the same
 * thing; undefined if it can.
 */
export function clash(block: HttpMatch, conditions: readonly Condition[]): string | undefined {
  const fields = fieldsOf(block)
  const asksCaller = conditions.some(({ on }) => on === 'source-label')
  if (asksCaller && textsOf(fields['gateways']).length > 0)
    return 'it names gateways, and Istio then ignores source labels'
  return clashOf(matchOf(fields, { ...noSource, sourceLabels: labelsOf(fields['sourceLabels']) }), conditions)
}

const textIn = (test: TextTest): string => (test.is === 'exact' ? test.text : '')

function stringMatchOf(test: TextTest): StringMatch {
  switch (test.is) {
    case 'exact':
      return { exact: test.text }
    case 'prefix':
      return { prefix: test.text }
    case 'path-prefix':
      return { regex: `${escapeRegex(test.text.replace(/\/$/, ''))}(/.*)?` }
    case 'regex':
      return { regex: test.pattern }
    case 'present':
      return {}
  }
}

/**
 * `gw` and `./gw` are of the VirtualService's own namespace, `gw.ns.svc.cluster.local` is the spelling of old
 * (resolveGatewayName).
 */
export function gatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name
  const slash = name.indexOf('/')
  if (slash >= 0) return name.slice(0, slash) === '.' ? `${namespace}${name.slice(slash)}` : name
  const [short, owner] = name.split('.')
  return `${owner ?? namespace}/${short}`
}

/** What a match requires of the request alone. */
export const ofRequest = (match: Match): Match => ({
  ...match,
  callerLabels: anything.callerLabels,
  callerNamespace: undefined,
  port: undefined,
  entrances: anything.entrances,
})
