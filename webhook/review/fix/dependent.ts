import { isKind } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { patchCommand } from '../../../shared/objects/text/kubectl-commands.ts'
import { judgeChanges, type Judge, type Judgement } from '../../../shared/rules/introduced.ts'
import { formatPath, type Finding, type Path } from '../../../shared/rules/rule.ts'
import { routingOf } from '../../../shared/providers/istio/resolve/objects/routes.ts'
import { fieldsOf, isFields, itemsOf } from '../../../shared/objects/unchecked.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { Spent } from '../../../shared/view/session.ts'
import { afterSteps, removalPatch } from './removal-patch.ts'

/** A change, the cluster that it is made in, and the rules that judge it. */
export interface Reviewed {
  readonly change: Change
  readonly view: ClusterView
  readonly judge: Judge
}

/** The VirtualService that would break, with all findings on it. */
export interface Dependent {
  readonly ref: Ref
  readonly object: VirtualService
  readonly findings: readonly Finding[]
  /** The command that removes from it all that would fail; undefined if that is not one command. */
  readonly removal: string | undefined
}

/** The VirtualService that some findings are on; undefined where they are on another object. */
export function dependentOf(findings: readonly Finding[], reviewed: Reviewed): Dependent | undefined {
  const { ref } = findings[0]!
  const object = reviewed.view.get(ref)
  return object !== undefined && isKind('VirtualService', object)
    ? { ref, object, findings, removal: removalCommand({ ref, object, findings }, reviewed) }
    : undefined
}

/** A longer command would be cut with the message. */
const mostCommandLength = 900

/** An object with more routes takes too long to be tried; its command would be too long as a rule. */
const mostRoutes = 100

/** The command is tried: with it, the change must break nothing on the object. */
function removalCommand(dependent: Omit<Dependent, 'removal'>, reviewed: Reviewed): string | undefined {
  const { ref, object, findings } = dependent
  if (routingOf(object).routes.length > mostRoutes || findings.length > mostRoutes) return undefined
  try {
    const steps = removalPatch(object, failingPlaces(dependent, reviewed))
    const command = steps === undefined ? '' : patchCommand(ref, 'json', steps)
    if (steps === undefined || command.length > mostCommandLength) return undefined
    const { introduced } = errorsWith({ before: object, after: afterSteps(object, steps) }, reviewed)
    return introduced.length === 0 ? command : undefined
  } catch (error) {
    if (error instanceof Spent) return undefined
    throw error
  }
}

/**
 * The errors on a VirtualService if it is changed together with the reviewed change: what that introduces, and which
 * findings about something absent it had before.
 */
function errorsWith(also: Change, { judge, view, change }: Reviewed): Judgement {
  const key = keyOf(changedRef(also))
  const { introduced, standing } = judgeChanges({ ...judge, mostSubjects: 2 }, view, [change, also])
  return {
    introduced: introduced.filter(({ ref, severity }) => keyOf(ref) === key && severity.webhook === 'error'),
    standing: standing.filter(({ ref, absent }) => keyOf(ref) === key && absent !== undefined),
  }
}

/**
 * What fails, and in the same routes what failed before or would fail once it has a share: the other destinations get
 * the share of those which are removed.
 */
function failingPlaces(
  { object, findings }: Omit<Dependent, 'removal'>,
  reviewed: Reviewed,
): readonly Path[] {
  const places = destinationsOf(findings)
  const routes = new Set(places.map(routeOf))
  const { introduced, standing } = errorsWith({ before: object, after: withEqualShares(object) }, reviewed)
  const others = destinationsOf([...introduced, ...standing]).filter(
    place => place.includes('destination') && routes.has(routeOf(place)),
  )
  return [...new Map([...places, ...others].map(place => [formatPath(place), place])).values()]
}

const routeOf = (place: Path): string => formatPath(place.slice(0, 3))

/** The VirtualService with a share for every destination, also for those with weight 0. */
function withEqualShares(object: VirtualService): KubeObject {
  const spec = { ...fieldsOf(object.spec) }
  for (const section of ['http', 'tcp', 'tls']) {
    if (spec[section] === undefined) continue
    spec[section] = itemsOf(spec[section]).map(route =>
      isFields(route) && itemsOf(route['route']).length > 1
        ? { ...route, route: itemsOf(route['route']).map(each => ({ ...fieldsOf(each), weight: 1 })) }
        : route,
    )
  }
  return { ...object, spec } as KubeObject
}

/** Whether a destination that is no mirror is left in any route if the failing ones are removed. */
export const hasOtherDestinations = ({ object, findings }: Dependent): boolean => {
  const failing = new Set(destinationsOf(findings).map(formatPath))
  return routingOf(object).routes.some(({ targets }) =>
    targets.some(({ place, isMirror }) => !isMirror && !failing.has(formatPath(place))),
  )
}

/** The paths of the destinations and mirrors that findings are on, each once. */
export function destinationsOf(findings: readonly Pick<Finding, 'path'>[]): readonly Path[] {
  const paths = findings.map(({ path }) =>
    ['subset', 'host', 'port'].includes(String(path.at(-1))) ? path.slice(0, -1) : path,
  )
  return [...new Map(paths.map(path => [formatPath(path), path])).values()]
}
