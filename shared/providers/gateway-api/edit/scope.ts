import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { formatPath } from '../../../objects/paths.ts'
import { textOf, fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import {
  refuseOwned,
  type EditableRoute,
  type EditableRoutes,
  type EditPurpose,
} from '../../../routing/provider.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { nameOf } from '../read/services/applications.ts'
import { isMarked } from '../read/canary-state.ts'
import { mirrorsOf } from '../read/rules/mirrors.ts'
import { ownedObjects } from '../read/owners.ts'
import { mayTake } from '../read/rules/reached.ts'
import type { RouteReading } from '../read/reading.ts'
import { backendsBefore, chosenIn } from '../read/record.ts'
import { singlesOut, type RoutedRule } from '../read/rules/routed-rules.ts'
import { versionOfHost } from '../read/services/versions.ts'
import { isForMeshAlone } from '../resolve/backends.ts'
import { hostnamesOf } from '../resolve/routes.ts'

/** The rules that an edit is for, and those that it leaves as they are. */
export interface RuleScope {
  readonly rules: readonly RoutedRule[]
  readonly leftOut: readonly RoutedRule[]
  /** The choice is to be written down: a person chose some rules, and the canary begins. */
  readonly isChosen: boolean
}

/**
 * The base rules that an edit is for: those that a person names, else those that the canary is on, else all. Throws
 * a CanaryError: `not-found` where nothing leads to the service or a word names no rule, `usage` where the canary is
 * on others, `refused` where a controller owns a route.
 */
export function scopeOf(reading: RouteReading, purpose: EditPurpose): RuleScope {
  const { view, service } = reading
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const all = reading.rules.filter(({ cohort }) => cohort === undefined)
  if (all.length === 0) throw nothingRoutes(reading, purpose.inits)
  const named = namedRules(all, purpose)
  const isWritten = all.some(({ route }) => chosenIn(route, service) !== undefined)
  const isOn = ({ route, key }: RoutedRule): boolean =>
    !isWritten || chosenIn(route, service)?.includes(key) === true
  const rules = named ?? all.filter(isOn)
  if (isWritten && !rules.every(isOn)) throw onOthers(reading, all.filter(isOn), purpose)
  const leftOut = all.filter(rule => !rules.includes(rule))
  const isNew = !all.some(({ route }) => isMarked(route, service))
  if (purpose.needs !== 'weights' && !isWritten && !isNew && leftOut.length > 0) throw onAll(reading, purpose)
  return { rules, leftOut, isChosen: leftOut.length > 0 && isNew }
}

/** The same as a plan needs it. */
export function editableRoutes(reading: RouteReading, purpose: EditPurpose): EditableRoutes {
  const { view, service, versions } = reading
  const { rules, leftOut } = scopeOf(reading, purpose)
  const reached = rules.filter(rule => mayTake(view, rule, reading))
  const inForce = reached.length > 0 ? reached : rules
  const ordinary = inForce.filter(rule => !singlesOut(rule))
  const taking = (ordinary.length > 0 ? ordinary : inForce)
    .flatMap(({ parts }) => parts)
    .filter(({ isOwn, percent }) => isOwn && percent > 0)
  const names = new Set(taking.map(({ host }) => versionOfHost(versions, host)?.name))
  return {
    stable: [...new Set(rules.flatMap(({ route }) => stableOf(route, service) ?? []))],
    taking: versions.filter(({ name }) => names.has(name)).map(({ name }) => name),
    takesAny: names.has(undefined),
    routes: rules.map(rule => plainRule(reading, rule)),
    mirrors: rules.flatMap(rule =>
      mirrorsOf(view, rule, service).map(({ host, isOurs, index }) => ({
        object: refOf(rule.route),
        place: formatPath(['spec', 'rules', rule.index, 'filters', index]),
        to: versionOfHost(versions, host)?.name ?? host ?? 'another backend',
        isOurs,
        wasByHand: false,
      })),
    ),
    leftOut: leftOut.map(rule => plainRule(reading, rule)),
  }
}

function plainRule(reading: RouteReading, rule: RoutedRule): EditableRoute {
  const { view, versions, service } = reading
  const led = rule.parts
    .filter(({ percent }) => percent > 0)
    .map(({ host }) => versionOfHost(versions, host)?.name)
  const isKnown = led.every(name => name !== undefined) && mayTake(view, rule, reading)
  return {
    object: refOf(rule.route),
    place: placeOf(rule),
    word: plainWordOf(rule),
    takes: rule.takes,
    hosts: isForMeshAlone(rule.route) ? [] : hostsAtGateways(rule.route),
    versions: isKnown ? [...new Set(led as readonly string[])] : [],
    singlesOut: singlesOut(rule),
    isOnCanary: backendsBefore(rule.route, service, rule.key) !== undefined,
  }
}

/** A route without hostnames takes the requests for all of its listeners' hosts. */
function hostsAtGateways(route: ServiceRoute): readonly string[] {
  const names = hostnamesOf(route)
  return names.length === 0 ? ['*'] : names
}

/** `spec.rules[1]` */
export const placeOf = ({ index }: RoutedRule): string => formatPath(['spec', 'rules', index])

/** `HTTPRoute shop/catalog spec.rules[1]` */
export const whereIs = (rule: RoutedRule): string =>
  `${rule.route.kind} ${nameOf(rule.route)} ${placeOf(rule)}`

/** The word for a rule on the command line; behind the name of its route if a rule of another one has the same word. */
function wordOf(rule: RoutedRule, among: readonly RoutedRule[]): string {
  const word = plainWordOf(rule)
  const isShared = among.some(each => each.route !== rule.route && plainWordOf(each) === word)
  return isShared ? wordWithin(rule) : word
}

/** Its name, else its first path, else its place. */
const plainWordOf = (rule: RoutedRule): string =>
  textOf(rule.rule.name) ?? pathsOf(rule)[0] ?? placeWithin(rule)

const placeWithin = ({ index }: RoutedRule): string => formatPath(['rules', index])

/** `catalog/items` or `catalog/rules[0]`: a rule and its route. */
const wordWithin = (rule: RoutedRule): string =>
  `${rule.route.metadata.name}/${textOf(rule.rule.name) ?? placeWithin(rule)}`

/** The paths that a rule's matches name, as they are written. */
const pathsOf = ({ rule: { matches } }: RoutedRule): readonly string[] =>
  itemsOf(matches).flatMap(match => textOf(fieldsOf(fieldsOf(match)['path'])['value']) ?? [])

/** The rules that a person names; undefined where nothing is named. */
function namedRules(all: readonly RoutedRule[], { choice }: EditPurpose): readonly RoutedRule[] | undefined {
  const { routes = [], objects = [] } = choice ?? {}
  if (routes.length + objects.length === 0) return undefined
  const isOf = ({ route }: RoutedRule, word: string): boolean =>
    word === route.metadata.name || word === nameOf(route)
  const isCalled = (rule: RoutedRule, word: string): boolean =>
    [textOf(rule.rule.name), ...pathsOf(rule), placeWithin(rule), wordWithin(rule)].includes(word)
    || (rule.takes !== '' && rule.takes === word)
  const within = objects.length === 0 ? all : all.filter(rule => objects.some(word => isOf(rule, word)))
  const unknown =
    objects.find(word => !all.some(rule => isOf(rule, word)))
    ?? routes.find(word => !within.some(rule => isCalled(rule, word)))
  if (unknown !== undefined) throw unknownWord(unknown, objects.includes(unknown) ? all : within)
  return routes.length === 0 ? within : within.filter(rule => routes.some(word => isCalled(rule, word)))
}

function unknownWord(word: string, all: readonly RoutedRule[]): CanaryError {
  const known = all.map(rule => `${wordOf(rule, all)} (${nameOf(rule.route)} ${placeOf(rule)})`)
  return new CanaryError('not-found', `no route to the Service is called ${word}`, {
    hints: [
      `A route is named by its name, a path or its place, and as ROUTE/RULE where several routes have rules of one name. Routes: ${known.join(', ')}.`,
    ],
  })
}

function onOthers(
  { service }: RouteReading,
  on: readonly RoutedRule[],
  { command }: EditPurpose,
): CanaryError {
  const words = [...new Set(on.map(rule => wordOf(rule, on)))]
  return new CanaryError('usage', `the canary of ${service.name} is on other routes: ${words.join(', ')}`, {
    hints: [
      `End it first (promote or abort), or continue on its routes: leave out --route and --virtual-service in ${command}`,
    ],
  })
}

/** Which rules a canary is on is recorded once: a cohort or mirror of it is on all of them. */
function onAll({ service }: RouteReading, { command, needs }: EditPurpose): CanaryError {
  const what = needs === 'mirrors' ? 'mirror' : 'cohort'
  return new CanaryError(
    'usage',
    `the canary of ${service.name} is on all its routes, so a ${what} cannot be on some only`,
    {
      hints: [
        `End it first (promote or abort), or set the ${what} on all routes: leave out --route and --virtual-service in ${command}`,
      ],
    },
  )
}

function nothingRoutes({ service }: RouteReading, inits: readonly string[]): CanaryError {
  const commands = inits.map(init => `${init} --provider gateway-api`)
  return new CanaryError(
    'not-found',
    `no HTTPRoute or GRPCRoute leads to ${service.name} in namespace ${service.namespace}`,
    {
      hints:
        commands.length === 1
          ? [`Make one, all on the version that is stable: ${commands[0]}`]
          : [
              'Make one, all on the version that is stable, one of:',
              ...commands.map(command => `  ${command}`),
            ],
    },
  )
}
