import { CanaryError } from '../../../../objects/canary-error.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { formatPath } from '../../../../objects/paths.ts'
import { fieldsOf, textOf } from '../../../../objects/unchecked.ts'
import type { HttpMatch, VirtualService } from '../../../../objects/virtual-service.ts'
import type { Note } from '../../../../routing/note.ts'
import type { EditableRoute, EditPurpose } from '../../../../routing/provider.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import { isMarked } from '../../read/canary-state.ts'
import type { IstioReading } from '../../read/reading.ts'
import { chosenEntry, chosenIn, chosenRoutes, isOnRoute } from '../../read/record/chosen-routes.ts'
import { destinationsTo, leadsTo, listOf, singlesOut } from '../../read/routed-service.ts'
import { baseRoutesOf, takenBy, type AnyRoute, type BaseRoute } from '../../read/routes/base-routes.ts'
import { getsRequests, nameOf, type Carrier } from '../../read/routes/carriers.ts'
import { targetIn } from '../../read/version-target.ts'
import { versionAt } from '../../read/versions.ts'
import { isDivided } from '../annotations/stable.ts'
import { stableOf } from '../../../../routing/record/stable.ts'
import type { ChosenRoutes } from '../split.ts'
import { isForGateways, routesToEdit } from './editable.ts'

/** A route of the service, and the object that it is written in. */
export interface ScopedRoute extends EditableRoute {
  readonly carrier: Carrier
  readonly base: BaseRoute
}

/** The routes that an edit is for, and those that it leaves as they are. */
export interface EditScope {
  /** The VirtualServices to edit. */
  readonly objects: readonly VirtualService[]
  readonly routes: readonly ScopedRoute[]
  readonly leftOut: readonly ScopedRoute[]
  /** Of an edit that needs requests, the routes of connections: it cannot be carried out there. */
  readonly connections: readonly ScopedRoute[]
  /** What of a VirtualService is meant; undefined where all routes of the service are. */
  readonly chosenAt: (object: VirtualService) => ChosenRoutes | undefined
}

/**
 * The routes that an edit is for: those that a person names, else those that the canary is on, else all.
 * Throws a CanaryError: `not-found` where a word names no route, `usage` where the canary is on others, or a
 * cohort or mirror is meant for some routes of a canary that is on all, and what `routesToEdit` throws.
 */
export function scopeOf(reading: IstioReading, purpose: EditPurpose): EditScope {
  const { view, service, carriers } = reading
  const objects = routesToEdit(reading, purpose)
  const found = carriers
    .filter(({ object }) => objects.includes(object))
    .flatMap(carrier => scopedRoutes(reading, carrier))
  const all = found.filter(({ base }) => purpose.needs === 'weights' || base.section === 'http')
  const isOn = isOnRoute(view, service)
  const isRecorded = ({ carrier, base }: ScopedRoute): boolean => isOn(carrier.object, base.section, base.raw)
  const named = namedRoutes(all, purpose)
  const routes = named ?? all.filter(isRecorded)
  const recorded = chosenRoutes(view, service)
  if (recorded !== undefined && !routes.every(isRecorded))
    throw onOthers(service.name, all.filter(isRecorded), purpose)
  const leftOut = all.filter(route => !routes.includes(route))
  const isNew = recorded === undefined && !objects.some(object => isMarked(object, service))
  if (purpose.needs !== 'weights' && recorded === undefined && !isNew && leftOut.length > 0)
    throw onAll(service.name, purpose)
  return {
    objects:
      leftOut.length === 0
        ? objects
        : objects.filter(object => routes.some(({ carrier }) => carrier.object === object)),
    routes,
    leftOut,
    connections: found.filter(route => !all.includes(route)),
    chosenAt: object => {
      if (leftOut.length === 0) return undefined
      const entries = routes
        .filter(({ carrier }) => carrier.object === object)
        .map(({ base }) => chosenEntry(base.section, base.raw))
      const isSame = chosenIn(object, service).join() === entries.join()
      return {
        isOn: (list, route) => entries.includes(chosenEntry(list, route)),
        entries: isNew && !isSame ? entries : undefined,
      }
    },
  }
}

/** The routes of a VirtualService to the service, as people name them. */
function scopedRoutes(reading: IstioReading, carrier: Carrier): readonly ScopedRoute[] {
  const { view, service, versions } = reading
  const leads = leadsTo(carrier.object, service)
  const hosts = [
    ...new Set(carrier.entries.flatMap(({ root }) => (isForGateways(root) ? listOf(root.spec.hosts) : []))),
  ]
  const isInForce = carrier.entries.some(({ evaluation }) => evaluation.applications.length > 0)
  // A split has divided the routes that lead to stable, also those that single out some senders.
  const stable = isDivided(carrier.object, service) ? stableOf(carrier.object, service) : undefined
  return baseRoutesOf(view, carrier, service).map(base => {
    const { raw, section, index } = base
    const isOnCanary = destinationsTo(raw, leads).some(
      ({ destination }) =>
        stable !== undefined
        && versionAt(versions, targetIn(carrier.object, service)(destination))?.name === stable,
    )
    const targets = sharesOf(destinationsTo(raw, leads))
      .filter(({ percent }) => percent > 0)
      .map(({ destination }) => targetIn(carrier.object, service)(destination))
    const led = targets.map(target => versionAt(versions, target))
    const namesAll =
      targets.every((target, i) => target.subset !== undefined || led[i] !== undefined)
      && (getsRequests(base) || !isInForce)
    return {
      carrier,
      base,
      object: refOf(carrier.object),
      place: formatPath(['spec', section, index]),
      word: raw.name ?? pathsOf(raw)[0] ?? formatPath([section, index]),
      takes: section === 'http' ? takenBy(base) : describeConnections(raw),
      hosts,
      versions: namesAll ? versions.filter(version => led.includes(version)).map(({ name }) => name) : [],
      singlesOut: singlesOut(raw),
      ...(isOnCanary && { isOnCanary }),
    }
  })
}

/** The paths that a route's match names, as they are written. */
const pathsOf = ({ match }: AnyRoute): readonly string[] =>
  listOf(match).flatMap(block => {
    const uri = fieldsOf(fieldsOf(block)['uri'])
    return textOf(uri['exact']) ?? textOf(uri['prefix']) ?? textOf(uri['regex']) ?? []
  })

/** What a route of connections takes: `port 9000`. */
const describeConnections = ({ match }: AnyRoute): string =>
  listOf(match)
    .map(block =>
      Object.entries(block as HttpMatch)
        .map(([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
        .join(' and '),
    )
    .join(', ')

/** The routes that a person names; undefined where nothing is named. */
function namedRoutes(
  all: readonly ScopedRoute[],
  { choice }: EditPurpose,
): readonly ScopedRoute[] | undefined {
  const { routes = [], objects = [] } = choice ?? {}
  if (routes.length + objects.length === 0) return undefined
  const isOf = ({ carrier: { object } }: ScopedRoute, word: string): boolean =>
    word === object.metadata.name || word === nameOf(object)
  const isCalled = ({ base, takes }: ScopedRoute, word: string): boolean =>
    word === base.raw.name
    || pathsOf(base.raw).includes(word)
    || (takes !== '' && word === takes)
    || word === formatPath([base.section, base.index])
  const within = objects.length === 0 ? all : all.filter(route => objects.some(word => isOf(route, word)))
  const unknown =
    objects.find(word => !all.some(route => isOf(route, word)))
    ?? routes.find(word => !within.some(route => isCalled(route, word)))
  if (unknown !== undefined) throw unknownWord(unknown, objects.includes(unknown) ? all : within)
  return routes.length === 0 ? within : within.filter(route => routes.some(word => isCalled(route, word)))
}

function unknownWord(word: string, all: readonly ScopedRoute[]): CanaryError {
  const known = all.map(
    ({ word: name, place, object }) => `${name} (${object.namespace}/${object.name} ${place})`,
  )
  return new CanaryError('not-found', `no route to the Service is called ${word}`, {
    hints: [`A route is named by its name, a path or its place. Routes: ${known.join(', ')}.`],
  })
}

function onOthers(service: string, on: readonly ScopedRoute[], { command }: EditPurpose): CanaryError {
  const words = [...new Set(on.map(({ word }) => word))]
  return new CanaryError('usage', `the canary of ${service} is on other routes: ${words.join(', ')}`, {
    hints: [
      `End it first (promote or abort), or continue on its routes: leave out --route and --virtual-service in ${command}`,
    ],
  })
}

/** Which routes a canary is on is recorded once: a cohort or mirror of it is on all of them. */
const onAll = (service: string, { command, needs }: EditPurpose): CanaryError =>
  new CanaryError(
    'usage',
    `the canary of ${service} is on all its routes, so a ${needs === 'mirrors' ? 'mirror' : 'cohort'} cannot be on some only`,
    {
      hints: [
        `End it first (promote or abort), or set the ${needs === 'mirrors' ? 'mirror' : 'cohort'} on all routes: leave out --route and --virtual-service in ${command}`,
      ],
    },
  )

/** A note on the routes of connections that a cohort or a mirror leaves as they are. */
export const connectionNotes = ({ connections }: EditScope, by: 'cohort' | 'mirror'): readonly Note[] =>
  connections.length === 0
    ? []
    : [
        {
          kind: 'connections-unchanged',
          routes: connections.map(({ object, place }) => ({ object, place })),
          by,
        },
      ]
