import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import {
  refuseOwned,
  type EditableRoute,
  type EditableRoutes,
  type EditPurpose,
} from '../../../routing/provider.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { isMarked } from '../read/canary-state.ts'
import { ownedObjects } from '../read/owners.ts'
import { versionOfPart, type ApisixReading } from '../read/reading.ts'
import { backendsBefore, chosenIn } from '../read/record.ts'
import { singlesOut, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { hostsShown, placeOf } from '../read/traffic.ts'
import { nameOf } from '../resolve/rules.ts'
import { reachedRules } from '../resolve/table.ts'
import { requireDivisible } from './backends.ts'
import { pathsOf, wordOf, wordWithin } from './places.ts'

/** The rules that an edit is for, and those that it leaves as they are. */
export interface ApisixScope {
  readonly rules: readonly ApisixRoutedRule[]
  readonly leftOut: readonly ApisixRoutedRule[]
  /** The choice is to be written down: a person chose some rules, and the canary begins. */
  readonly isChosen: boolean
}

/**
 * The base rules that an edit is for: those that a person names, else those that the canary is on, else all. Throws
 * a CanaryError: `not-found` where nothing leads to the service or a word names no rule, `usage` where the canary is
 * on others, `refused` where a controller owns a route.
 */
export function scopeOf(reading: ApisixReading, purpose: EditPurpose): ApisixScope {
  const { view, service } = reading
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  const all = reading.rules.filter(({ cohort }) => cohort === undefined)
  if (all.length === 0) throw nothingRoutes(reading, purpose.inits)
  const named = namedRules(all, purpose)
  const isWritten = all.some(({ route }) => chosenIn(route, service) !== undefined)
  const isOn = ({ route, key }: ApisixRoutedRule): boolean =>
    !isWritten || chosenIn(route, service)?.includes(key) === true
  const rules = named ?? all.filter(isOn)
  if (isWritten && !rules.every(isOn)) throw onOthers(reading, all.filter(isOn), purpose)
  const leftOut = all.filter(rule => !rules.includes(rule))
  const isNew = !all.some(({ route }) => isMarked(route, service))
  if (purpose.needs !== 'weights' && !isWritten && !isNew && leftOut.length > 0) throw onAll(reading, purpose)
  for (const rule of rules) requireDivisible(view, rule)
  return { rules, leftOut, isChosen: leftOut.length > 0 && isNew }
}

/** The same as a plan needs it. */
export function editableRoutes(reading: ApisixReading, purpose: EditPurpose): EditableRoutes {
  const { view, service, versions } = reading
  const { rules, leftOut } = scopeOf(reading, purpose)
  const inForce = rules.filter(({ route, index }) => reachedRules(view, route).has(index))
  const ordinary = inForce.filter(rule => !singlesOut(rule))
  const taking = (ordinary.length > 0 ? ordinary : inForce)
    .flatMap(({ parts }) => parts)
    .filter(({ isOwn, percent }) => isOwn && percent > 0)
  const names = new Set(taking.map(part => versionOfPart(reading, part)))
  return {
    stable: [...new Set(rules.flatMap(({ route }) => stableOf(route, service) ?? []))],
    taking: versions.filter(({ name }) => names.has(name)).map(({ name }) => name),
    takesAny: names.has(undefined),
    routes: rules.map(rule => plainRule(reading, rule)),
    mirrors: [],
    leftOut: leftOut.map(rule => plainRule(reading, rule)),
  }
}

function plainRule(reading: ApisixReading, rule: ApisixRoutedRule): EditableRoute {
  const led = rule.parts.filter(({ percent }) => percent > 0).map(part => versionOfPart(reading, part))
  const isReached = reachedRules(reading.view, rule.route).has(rule.index)
  return {
    object: refOf(rule.route),
    place: placeOf(rule),
    word: wordOf(rule, reading.rules),
    takes: rule.takes,
    hosts: hostsShown(rule),
    versions:
      isReached && led.every(name => name !== undefined) ? [...new Set(led as readonly string[])] : [],
    singlesOut: singlesOut(rule),
    isOnCanary: backendsBefore(rule.route, reading.service, rule.key) !== undefined,
  }
}

/** The rules that a person names; undefined where nothing is named. */
function namedRules(
  all: readonly ApisixRoutedRule[],
  { choice }: EditPurpose,
): readonly ApisixRoutedRule[] | undefined {
  const { routes = [], objects = [] } = choice ?? {}
  if (routes.length + objects.length === 0) return undefined
  const isOf = ({ route }: ApisixRoutedRule, word: string): boolean =>
    word === route.metadata.name || word === nameOf(route)
  const isCalled = (rule: ApisixRoutedRule, word: string): boolean =>
    [rule.key, wordWithin(rule), ...pathsOf(rule), placeOf(rule).slice('spec.'.length)].includes(word)
    || (rule.takes !== '' && rule.takes === word)
  const within = objects.length === 0 ? all : all.filter(rule => objects.some(word => isOf(rule, word)))
  const unknown =
    objects.find(word => !all.some(rule => isOf(rule, word)))
    ?? routes.find(word => !within.some(rule => isCalled(rule, word)))
  const shared = routes.find(
    word => new Set(within.filter(rule => rule.key === word).map(nameOfRoute)).size > 1,
  )
  if (shared !== undefined) throw sharedName(shared, within)
  if (unknown !== undefined) throw unknownWord(unknown, objects.includes(unknown) ? all : within)
  return routes.length === 0 ? within : within.filter(rule => routes.some(word => isCalled(rule, word)))
}

const nameOfRoute = ({ route }: ApisixRoutedRule): string => nameOf(route)

function sharedName(word: string, all: readonly ApisixRoutedRule[]): CanaryError {
  const meant = all.filter(({ key }) => key === word).map(rule => `--route ${wordWithin(rule)}`)
  return new CanaryError('usage', `several ApisixRoutes have a rule called ${word}`, {
    hints: [`Name those that are meant, with their ApisixRoutes: ${meant.join(', ')}`],
  })
}

function unknownWord(word: string, all: readonly ApisixRoutedRule[]): CanaryError {
  const known = all.map(rule => `${wordOf(rule, all)} (${nameOf(rule.route)} ${placeOf(rule)})`)
  return new CanaryError('not-found', `no route to the Service is called ${word}`, {
    hints: [
      `A route is named by its name, a path or its place, and as ROUTE/RULE where two ApisixRoutes have rules of one name. Routes: ${known.join(', ')}.`,
    ],
  })
}

function onOthers(
  { service }: ApisixReading,
  on: readonly ApisixRoutedRule[],
  { command }: EditPurpose,
): CanaryError {
  const words = [...new Set(on.map(rule => wordOf(rule, on)))]
  return new CanaryError('usage', `the canary of ${service.name} is on other routes: ${words.join(', ')}`, {
    hints: [
      `End it first (promote or abort), or continue on its routes: leave out --route and --virtual-service in ${command}`,
    ],
  })
}

/** Which rules a canary is on is recorded once: a cohort of it is on all of them. */
const onAll = ({ service }: ApisixReading, { command }: EditPurpose): CanaryError =>
  new CanaryError(
    'usage',
    `the canary of ${service.name} is on all its routes, so a cohort cannot be on some only`,
    {
      hints: [
        `End it first (promote or abort), or set the cohort on all routes: leave out --route and --virtual-service in ${command}`,
      ],
    },
  )

function nothingRoutes({ service }: ApisixReading, inits: readonly string[]): CanaryError {
  const commands = inits.map(init => `${init} --provider apisix --host HOST`)
  return new CanaryError(
    'not-found',
    `no ApisixRoute leads to ${service.name} in namespace ${service.namespace}`,
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
