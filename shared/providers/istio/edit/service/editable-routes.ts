import type { HttpRoute } from '../../../../objects/virtual-service.ts'
import type {
  EditableMirror,
  EditableRoute,
  EditableRoutes,
  EditPurpose,
} from '../../../../routing/provider.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import type { IstioReading } from '../../read/reading.ts'
import { stableOf } from '../../../../routing/record/stable.ts'
import { destinationsTo, leadsTo } from '../../read/routed-service.ts'
import { versionNamed } from '../../read/versions.ts'
import { getsRequests } from '../../read/routes/carriers.ts'
import { destinationsMirrored, mirrorsOf } from '../../read/routes/mirrors.ts'
import { targetIn, type VersionTarget } from '../../read/version-target.ts'
import { versionAt } from '../../read/versions.ts'
import { scopeOf, type ScopedRoute } from './scope.ts'

/** Which versions the routes that are edited call stable, and which take ordinary requests now. */
export function editableRoutes(reading: IstioReading, purpose: EditPurpose): EditableRoutes {
  const { service, versions } = reading
  const { objects, routes, leftOut } = scopeOf(reading, purpose)
  const targets = [...Map.groupBy(routes, ({ carrier }) => carrier.object).values()].flatMap(those =>
    targetsTaking(reading, those),
  )
  const led = new Set(targets.map(target => versionAt(versions, target)))
  return {
    stable: [...new Set(objects.flatMap(route => stableOf(route, service) ?? []))],
    taking: versions.filter(version => led.has(version)).map(({ name }) => name),
    takesAny: targets.some(
      target => target.subset === undefined && versionAt(versions, target) === undefined,
    ),
    routes: routes.map(plainRoute),
    mirrors: routes.flatMap(route => mirrorsIn(reading, route)),
    leftOut: leftOut.map(plainRoute),
  }
}

/** The shadow traffic of a route, by what it leads to. */
function mirrorsIn(
  { service, versions }: IstioReading,
  { carrier, base: { raw }, object, place }: ScopedRoute,
): readonly EditableMirror[] {
  const leads = leadsTo(carrier.object, service)
  const own = mirrorsOf(carrier.object, service).filter(({ route }) => route === raw)
  const others = destinationsMirrored(raw as HttpRoute).filter(destination => !leads(destination))
  return [
    ...own.map(({ target, isOurs, wasByHand }) => ({
      to: versionNamed(target, versions),
      isOurs,
      wasByHand,
    })),
    ...others.map(({ host }) => ({ to: host, isOurs: false, wasByHand: false })),
  ].map(mirror => ({ object, place, ...mirror }))
}

const plainRoute = ({ carrier: _c, base: _b, ...route }: ScopedRoute): EditableRoute => route

/**
 * What routes of a VirtualService lead to, as far as their traffic is not singled out by who asks; where all of it
 * is, all of it counts. A route that no request reaches sends none.
 */
function targetsTaking({ service }: IstioReading, routes: readonly ScopedRoute[]): readonly VersionTarget[] {
  const [{ carrier }] = routes as readonly [ScopedRoute]
  const leads = leadsTo(carrier.object, service)
  const isInForce = carrier.entries.some(({ evaluation }) => evaluation.applications.length > 0)
  const bases = isInForce ? routes.filter(({ base }) => getsRequests(base)) : routes
  const ordinary = bases.filter(route => !route.singlesOut)
  const targetsOf = ({ base: { raw } }: ScopedRoute): readonly VersionTarget[] =>
    sharesOf(destinationsTo(raw, leads))
      .filter(({ percent }) => percent > 0)
      .map(({ destination }) => targetIn(carrier.object, service)(destination))
  return (ordinary.length > 0 ? ordinary : bases).flatMap(targetsOf)
}
