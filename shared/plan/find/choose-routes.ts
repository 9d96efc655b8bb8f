import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type Ref } from '../../objects/kube-object.ts'
import type { Note } from '../../routing/note.ts'
import type { EditableRoute, EditableRoutes } from '../../routing/provider.ts'
import type { RouteChoice } from '../../routing/wanted.ts'
import type { Target } from '../intent.ts'
import type { Plan } from '../plan.ts'

/** Routes of a service, what a person said of them, and whether the command works with this choice. */
export interface RouteQuestion {
  readonly service: string
  readonly target: Target
  readonly choice?: RouteChoice | undefined
  readonly routes: EditableRoutes
  /** The versions that are to get a share or everything: where routes lead to one of them, those are meant. */
  readonly named?: readonly string[]
  /** Makes the plan with another choice; throws where that cannot be. */
  readonly withChoice: (choice: RouteChoice) => Plan
}

/**
 * Throws a CanaryError `usage` where routes that take different requests lead to different versions, and
 * nobody chose which are meant: a canary on all of them would send each one's requests to the versions of the
 * others.
 */
export function requireOneCanary(question: RouteQuestion): void {
  const { service, target, choice, routes, named = [], withChoice } = question
  if (isChosen(choice) || routes.leftOut.length > 0) return
  const apart = apartFrom(routes.routes)
  if (apart.length === 0) return
  const leading = apart.filter(({ versions }) => versions.some(version => named.includes(version)))
  const offered = (among: readonly EditableRoute[]): readonly string[] =>
    [
      ...new Map(
        among.map(route => choiceOf(route, apart)).map(offer => [JSON.stringify(offer), offer]),
      ).values(),
    ]
      .filter(offer => canBe(() => withChoice(offer)))
      .map(offer => `  kubectl canary ${target.command}${flagsOf(offer)}`)
  const ofLeading = offered(leading.length === 0 ? apart : leading)
  // A version that one host or path has in full is for the others.
  const commands = ofLeading.length === 0 ? offered(apart) : ofLeading
  throw new CanaryError(
    'usage',
    `routes of ${service} lead to different versions: ${apart.map(route => formatRoute(route, apart)).join('; ')}`,
    {
      hints: [
        commands.length === 0
          ? `Choose the routes to change with ${choosingFlags(apart)}; the others keep their versions.`
          : 'Choose the routes to change; the others keep their versions:',
        ...commands,
      ],
    },
  )
}

/** An object alone chooses nothing where it has all the routes. */
const choosingFlags = (routes: readonly EditableRoute[]): string =>
  new Set(routes.map(({ object }) => keyOf(object))).size === 1
    ? '--route NAME|PATH'
    : '--route NAME|PATH or --virtual-service NAME'

/** Beyond so many routes nobody reads a command that names each. */
const mostOffered = 10

/**
 * An edit of all routes. Where one of them cannot be edited, the error offers the command that leaves it out.
 * Throws what `edit` throws.
 */
export function editOrOffer<T>({ target, choice, routes, withChoice }: RouteQuestion, edit: () => T): T {
  try {
    return edit()
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'refused' || isChosen(choice)) throw error
    const offer = editableAlone(routes, withChoice)
    if (offer === undefined) throw error
    throw new CanaryError('refused', error.message, {
      hints: [
        ...error.hints,
        `Or leave that route as it is: kubectl canary ${target.command}${flagsOf(offer)}`,
      ],
    })
  }
}

/** The routes that can be edited where others cannot: by their words, else by the objects that have no other route. */
function editableAlone(
  { routes }: EditableRoutes,
  withChoice: RouteQuestion['withChoice'],
): RouteChoice | undefined {
  const ways = [
    { names: routes.map(({ word }) => word), choose: (words: readonly string[]) => chosen(words, []) },
    {
      names: routes.map(({ object }) => nameOf(object)),
      choose: (names: readonly string[]) => chosen([], names),
    },
  ]
  for (const { names, choose } of ways) {
    const all = [...new Set(names)]
    if (all.length < 2 || all.length > mostOffered) continue
    const offer = choose(all.filter(name => canBe(() => withChoice(choose([name])))))
    if (isChosen(offer) && canBe(() => withChoice(offer))) return offer
  }
  return undefined
}

const chosen = (routes: readonly string[], objects: readonly string[]): RouteChoice => ({ routes, objects })

const nameOf = ({ namespace, name }: Ref): string => `${namespace}/${name}`

/** Whether a person named routes. */
export const isChosen = (choice: RouteChoice | undefined): boolean =>
  choice !== undefined && choice.routes.length + choice.objects.length > 0

/** What chooses one of several routes: its name, path or place where no other has it, else its object. */
export function choiceOf(route: EditableRoute, all: readonly EditableRoute[]): RouteChoice {
  const { object, word } = route
  const isOfObject = (other: EditableRoute): boolean => keyOf(other.object) === keyOf(object)
  const isNamed = all.every(
    other => other.word !== word || (other.place === route.place && isOfObject(other)),
  )
  if (isNamed) return { routes: [word], objects: [] }
  return {
    routes: all.filter(isOfObject).length > 1 ? [word] : [],
    objects: [nameOf(object)],
  }
}

/** The same on the command line. */
export const flagsOf = ({ routes, objects }: RouteChoice): string =>
  [
    ...objects.map(name => ` --virtual-service ${name}`),
    ...routes.map(word => ` --route ${quoted(word)}`),
  ].join('')

/** Whether two routes take different requests, by what they require of these or by the hosts at gateways. */
const takeOthers = (one: EditableRoute, other: EditableRoute): boolean =>
  one.takes !== other.takes
  || (one.hosts.length > 0 && other.hosts.length > 0 && !one.hosts.some(host => other.hosts.includes(host)))

/**
 * The routes that lead to different versions: each of them to no version of another one, which takes other
 * requests. A route without a version, or for some senders only, does not matter.
 */
export function apartFrom(routes: readonly EditableRoute[]): readonly EditableRoute[] {
  const ordinary = routes.filter(({ versions, singlesOut }) => versions.length > 0 && !singlesOut)
  return ordinary.filter(route =>
    ordinary.some(
      other => takeOthers(other, route) && !other.versions.some(version => route.versions.includes(version)),
    ),
  )
}

/** A route with what it takes; with its hosts where others take the same for other hosts. */
export function formatRoute(route: EditableRoute, all: readonly EditableRoute[]): string {
  const { object, place, takes, hosts, versions } = route
  const isByHost = all.some(other => other.takes === takes && takeOthers(other, route))
  const what = [...(isByHost ? [hosts.join(', ')] : []), ...(takes === '' ? [] : [takes])]
  return `${object.kind} ${object.namespace}/${object.name} ${place} (${what.join(' ') || 'everything'}) to ${versions.join(', ')}`
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@%+-]+$/.test(word) ? word : `'${word}'`)

/** Whether a plan can be made and changes something. */
export function canBe(plan: () => Plan): boolean {
  try {
    return plan().changes.length > 0
  } catch (error) {
    if (error instanceof CanaryError) return false
    throw error
  }
}

/** What is said of the routes that a command leaves as they are. */
export const leftOutNotes = ({ leftOut }: EditableRoutes): readonly Note[] =>
  leftOut.length === 0
    ? []
    : [
        {
          kind: 'left-out',
          routes: leftOut.map(({ object, place, takes, versions }) => ({ object, place, takes, versions })),
        },
      ]
