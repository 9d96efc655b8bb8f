import { CanaryError } from '../../../../objects/canary-error.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import type { Note } from '../../../../routing/note.ts'
import { refuseOwned, type EditPurpose, type ServiceEdit } from '../../../../routing/provider.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import type { WantedMirror } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import { ownedObject } from '../../read/owners.ts'
import { onlyPortOf, type IstioReading } from '../../read/reading.ts'
import { keyedBases } from '../../read/record/keyed-bases.ts'
import { getsRequests } from '../../read/routes/carriers.ts'
import { hasMirrors, mirrorKey, mirrorKeyIn } from '../../read/record/mirrored-routes.ts'
import { destinationsTo, leadsTo, listOf } from '../../read/routed-service.ts'
import { versionOf } from '../../read/versions.ts'
import { splitsPorts } from '../destinations.ts'
import type { VersionTarget } from '../../read/version-target.ts'
import type { MirrorPart } from '../mirrored-route.ts'
import { endMirrors, startMirrors } from '../mirroring.ts'
import { mirrorsAbove } from '../placing/delegating.ts'
import { isApart } from '../split.ts'
import { ensureSubsets } from './ensure-subsets.ts'
import { connectionNotes, scopeOf, type ScopedRoute } from './scope.ts'

/** The mirrors that a service is to have, and the version of everyone. */
export interface MirrorsToSet {
  readonly mirrors: readonly WantedMirror[]
  readonly stable: string
}

/**
 * Sets the mirrors at every http route to the service: those are the whole set of ours. A route that sends all its
 * requests to a version is not mirrored to it. Throws a CanaryError `refused` where a route cannot be mirrored, or
 * none needs it.
 */
export function setServiceMirrors(
  reading: IstioReading,
  { mirrors, stable: said }: MirrorsToSet,
  purpose: EditPurpose,
): ServiceEdit {
  const { service, view } = reading
  const scope = scopeOf(reading, { ...purpose, needs: 'mirrors' })
  const stable = versionOf(reading, said)
  const versions = mirrors.map(({ to }) => versionOf(reading, to))
  const subsets = ensureSubsets(reading, [stable, ...versions])
  const parts = mirrors.map(({ to, percent }) => ({
    target: subsets.targetFor(versionOf(reading, to)),
    percent,
    to,
  }))
  const only = [{}, subsets.targetFor(stable)]
  const routes = scope.routes.map(route => mirrorable(reading, route, { only, parts }))
  if (routes.every(({ fitting }) => fitting.length === 0)) throw nothingToMirror(reading, routes)
  const routeNotes = routes.flatMap(({ notes }, i) => (getsRequests(scope.routes[i]!.base) ? notes : []))
  const fittingAt = new Map(routes.map(({ raw, fitting }) => [raw, fitting]))
  const changes = scope.objects.map((before): Change => {
    const byKey = new Map([...keyedBases(before, service)].map(([key, route]) => [key, fittingAt.get(route)]))
    const edit = {
      service,
      stable: { version: stable.name, ...subsets.targetFor(stable) },
      chosen: scope.chosenAt(before),
      asList: mirrorsAbove(view, before),
      partsOf: (key: string) => byKey.get(key) ?? [],
    }
    return { before, after: startMirrors(before, edit) }
  })
  return {
    changes: [...subsets.changes, ...changes],
    notes: [...subsets.notes, ...routeNotes, ...connectionNotes(scope, 'mirror')],
  }
}

/** The mirrors of ours taken away, wherever they are recorded. */
export function mirrorsEnded({ view, service }: IstioReading): readonly Change[] {
  return view
    .list('VirtualService')
    .filter(object => hasMirrors(object, service))
    .map(before => {
      const owned = ownedObject(view, before, service)
      if (owned !== undefined) refuseOwned(owned)
      return { before, after: endMirrors(before, service) }
    })
}

type NamedPart = MirrorPart & { readonly to: string }

/** A route with the mirrors that it is to have, and what is said of those that it is not. */
interface Mirrorable {
  readonly raw: HttpRoute
  readonly fitting: readonly NamedPart[]
  readonly notes: readonly Note[]
}

function mirrorable(
  { service, ...reading }: IstioReading,
  { carrier, base, object, place }: ScopedRoute,
  { only, parts }: { readonly only: readonly VersionTarget[]; readonly parts: readonly NamedPart[] },
): Mirrorable {
  const raw = base.raw as HttpRoute
  const leads = leadsTo(carrier.object, service)
  const destinations = destinationsTo(raw, leads)
  const led = { virtualService: carrier.object, service, destinations }
  if (isApart({ ...led, route: raw }, { only, service }))
    return { raw, fitting: [], notes: [{ kind: 'route-unchanged', object, place }] }
  const keyOf = mirrorKeyIn(carrier.object, service)
  const taking = new Set(
    sharesOf(listOf(raw.route))
      .filter(({ percent }) => percent > 0)
      .map(({ destination }) => keyOf(destination)),
  )
  const isWhole = ({ target }: NamedPart): boolean => taking.size === 1 && taking.has(mirrorKey(target))
  const fitting = parts.filter(part => !isWhole(part))
  const foreign = listOf(raw.route).find(({ destination }) => !leads(destination))
  if (fitting.length > 0 && foreign !== undefined)
    throw refusal(carrier.object, place, {
      reason: `it also splits to another host, ${foreign.destination?.host}, whose requests would be copied, too`,
      hint: 'Give the other host a route of its own, or write the mirror by hand.',
    })
  if (fitting.length > 0 && splitsPorts(led, onlyPortOf({ service, ...reading })))
    throw refusal(carrier.object, place, {
      reason: 'it splits between several ports',
      hint: 'Give each port a route of its own, or write the mirror by hand.',
    })
  const notes = parts
    .filter(isWhole)
    .map(({ to }) => ({ kind: 'mirror-not-needed', object, place, to }) as const)
  return { raw, fitting, notes }
}

const refusal = (
  object: VirtualService,
  place: string,
  { reason, hint }: { readonly reason: string; readonly hint: string },
): CanaryError => {
  const { namespace, name } = refOf(object)
  return new CanaryError(
    'refused',
    `VirtualService ${namespace}/${name}, ${place}: its requests cannot be mirrored, because ${reason}`,
    { hints: [hint] },
  )
}

function nothingToMirror({ service }: IstioReading, routes: readonly Mirrorable[]): CanaryError {
  const places = routes.flatMap(({ notes }) =>
    notes.map(note =>
      note.kind === 'mirror-not-needed'
        ? `${note.object.namespace}/${note.object.name} ${note.place} sends all its requests to ${note.to}`
        : note.kind === 'route-unchanged'
          ? `${note.object.namespace}/${note.object.name} ${note.place} selects some requests for another version`
          : [],
    ),
  )
  return new CanaryError(
    'refused',
    `no route of ${service.name} can be mirrored: ${[...new Set(places.flat())].join('; ')}`,
    { hints: ['Mirror to a version that does not have these requests already.'] },
  )
}
