import { pointerTo } from '../../../shared/objects/paths.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { formatPath, type Path } from '../../../shared/rules/rule.ts'
import { apportion } from '../../../shared/rules/facts/apportion.ts'
import {
  routingOf,
  type Route,
  type RouteTarget,
} from '../../../shared/providers/istio/resolve/objects/routes.ts'

/** One step of a JSON patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'test' | 'add' | 'remove'
  readonly path: string
  readonly value?: unknown
}

/**
 * The JSON patch that removes destinations and mirrors, given by their paths, from a VirtualService and leaves it
 * valid: the other destinations of a split get their share, a route for some requests is removed if it has no
 * other destination, and the last route stays without the subset if only that is wrong. Undefined if nothing
 * would be left. The patch starts with tests, so that it changes nothing in an object that has changed meanwhile.
 */
export function removalPatch(
  object: VirtualService,
  paths: readonly Path[],
): readonly PatchStep[] | undefined {
  const failing = new Set(paths.map(formatPath))
  const isFailing = ({ place }: RouteTarget): boolean => failing.has(formatPath(place))
  const { routes } = routingOf(object)
  const affected = routes
    .map((route, i) => ({ route, isLast: routes[i + 1]?.section !== route.section }))
    .filter(({ route }) => route.targets.some(isFailing))
  if (affected.length === 0) return undefined
  // From the end, so that earlier routes keep their index.
  const steps = affected.toReversed().map(({ route, isLast }) => stepsFor(route, { isFailing, isLast }))
  return steps.some(each => each === undefined)
    ? undefined
    : [
        ...affected.flatMap(({ route }) => route.targets.filter(isFailing).map(testOf)),
        ...steps.flatMap(each => each ?? []),
      ]
}

interface Removal {
  readonly isFailing: (target: RouteTarget) => boolean
  /** No route of the section comes after it. */
  readonly isLast: boolean
}

function stepsFor(
  { place, conditions, targets }: Route,
  { isFailing, isLast }: Removal,
): readonly PatchStep[] | undefined {
  const mirrors = targets
    .filter(target => target.isMirror && isFailing(target))
    .toReversed()
    .map(mirror => remove(mirror.place.at(-1) === 'destination' ? mirror.place.slice(0, -1) : mirror.place))
  const [removed, remaining] = [
    targets.filter(target => !target.isMirror && isFailing(target)),
    targets.filter(target => !target.isMirror && !isFailing(target)),
  ]
  if (removed.length === 0) return mirrors
  const removals = (some: readonly RouteTarget[]): readonly PatchStep[] =>
    some.toReversed().map(target => remove(target.place.slice(0, -1)))
  if (remaining.length > 0) return [...mirrors, ...removals(removed), ...weightSteps(place, remaining)]
  if (conditions.length > 0 && !isLast) return [remove(place)]
  const [first, ...others] = removed
  if (first?.subset === undefined) return undefined
  return [
    ...mirrors,
    ...removals(others),
    remove([...first.place, 'subset']),
    ...(others.length > 0 ? [weightStep(place, 0, 100)] : []),
  ]
}

/** The weights of the remaining destinations, in their proportions; a single one without a weight needs none. */
function weightSteps(place: Path, remaining: readonly RouteTarget[]): readonly PatchStep[] {
  if (remaining.length === 1 && remaining[0]!.weight === undefined) return []
  const weights = remaining.map(({ weight = 0 }) => Math.max(0, weight))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return apportion(weights.map(weight => (total === 0 ? 1 : weight))).flatMap((share, i) =>
    share === remaining[i]!.weight ? [] : [weightStep(place, i, share)],
  )
}

const weightStep = (place: Path, i: number, value: number): PatchStep => ({
  op: 'add',
  path: pointerTo([...place, 'route', i, 'weight']),
  value,
})
const remove = (path: Path): PatchStep => ({ op: 'remove', path: pointerTo(path) })
const testOf = ({ place, host, subset }: RouteTarget): PatchStep => ({
  op: 'test',
  ...(subset === undefined
    ? { path: pointerTo([...place, 'host']), value: host }
    : { path: pointerTo([...place, 'subset']), value: subset }),
})

/** A copy of the object with the patch applied; every path of the patch must exist in it. */
export function afterSteps<T extends object>(object: T, steps: readonly PatchStep[]): T {
  const copy = structuredClone(object)
  for (const { op, path, value } of steps) {
    const keys = path
      .split('/')
      .slice(1)
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const parent = keys.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, copy)
    const last = keys.at(-1)!
    if (op === 'add') Reflect.set(parent, last, value)
    else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1)
    else if (op === 'remove') Reflect.deleteProperty(parent, last)
  }
  return copy
}
