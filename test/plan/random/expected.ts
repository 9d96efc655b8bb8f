import type { Ref } from '../../../shared/objects/kube-object.ts'
import { formatPath } from '../../../shared/objects/paths.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { ourRoutes } from '../../../shared/providers/istio/read/record/record.ts'
import type { DecidedDestination, Decision } from '../../../shared/routing/request/decision.ts'
import type { Request } from '../../../shared/routing/request/request.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { route } from '../../../shared/providers/istio/route/route.ts'
import { re2 } from '../../routing/requests.ts'
import { catalogHost } from './worlds.ts'

/** Where each request goes. */
export const decisionsOf = (
  view: ClusterView,
  requests: readonly Request[],
  complete: boolean,
): readonly Decision[] => requests.map(request => route(view, request, { regex: re2, complete }))

/** What a client and a Service see of a decision, whichever route it is of and in whatever order its destinations are. */
export const seen = (decision: Decision): string => {
  const { route: _r, considered: _c, destinations, mirrors, ...rest } = decision
  return textOf({
    ...rest,
    destinations: destinations
      .map(withoutFailure)
      .toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1)),
    mirrors: mirrors.map(withoutFailure),
  })
}

const withoutFailure = ({ failure: _, ...destination }: DecidedDestination) => destination

/** A decision as a text that does not depend on the order of keys. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  const fields = Object.entries(value).filter(([, part]) => part !== undefined)
  return `{${fields
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `"${name}":${textOf(part)}`)
    .join()}}`
}

/** Whether a route for requests sends all of them to the Service. */
export const isOfCatalog = ({ kind, route: by, isOpaque, destinations }: Decision): boolean =>
  kind === 'route'
  && by !== undefined
  && !isOpaque
  && destinations.length > 0
  && destinations.every(({ host }) => host === catalogHost)

/** The same decision with everything to these subsets of the Service, with the settings that the destination of each has, or else the first one. */
export const turnedTo = (decision: Decision, parts: readonly (readonly [string, number])[]): Decision => ({
  ...decision,
  destinations: parts.map(([subset, percent]) => ({
    ...(decision.destinations.find(each => each.subset === subset) ?? decision.destinations[0]!),
    subset,
    percent,
  })),
})

/** A lone destination without a subset leads to the stable one while a cohort is on. */
export const pinned = (decision: Decision): Decision =>
  decision.destinations.length === 1 && decision.destinations[0]!.subset === undefined
    ? turnedTo(decision, [['v1', 100]])
    : decision

/** Whether a route sends requests, or connections, to the Service and nowhere else. */
export const isRoutedToCatalog = ({ kind, route: by, destinations }: Decision): boolean =>
  kind === 'route'
  && by !== undefined
  && destinations.length > 0
  && destinations.every(({ host }) => host === catalogHost)

/** Whether the route that decided is one of a cohort. */
export function isOfCohort(view: ClusterView, { route: by }: Decision): boolean {
  const object = by && view.get({ ...by.object, kind: 'VirtualService' })
  const list = by?.place[1] === 'http' ? object?.spec.http : undefined
  const name = list?.[Number(by?.place[2])]?.name
  return object !== undefined && name !== undefined && ourRoutes(object).has(name)
}

/** A plan for a view, and the view in which decisions are expected to go on: without the cohorts that end by it. */
export interface Carried {
  readonly first: ClusterView
  readonly view: ClusterView
  readonly plan: Plan
}

/** Whether a plan says of the route that decided that it is left as it is. */
export function isLeftAlone({ first, view, plan }: Carried, { route: by }: Decision): boolean {
  if (by === undefined) return false
  const { namespace, name } = by.object
  const [list, place] = [by.place[1]!, Number(by.place[2])]
  const ordinal = ownPlaces(first, by.object).indexOf(place)
  const index = list === 'http' ? ownPlaces(view, by.object)[ordinal]! : place
  const said = formatPath(['spec', list, index])
  return plan.notes.some(
    note =>
      note.kind === 'route-unchanged'
      && note.place === said
      && note.object.namespace === namespace
      && note.object.name === name,
  )
}

/** The places of the http routes of a VirtualService that are not of cohorts. */
function ownPlaces(view: ClusterView, ref: Ref): readonly number[] {
  const object = view.get({ ...ref, kind: 'VirtualService' })
  const ours = object === undefined ? new Set<string>() : ourRoutes(object)
  return (object?.spec.http ?? []).flatMap((route, i) => (ours.has(route.name ?? '') ? [] : [i]))
}

/** The same decision without the mirrors to subsets of the Service that a test picks out. */
export const withoutMirrors = (
  decision: Decision,
  isGone: (subset: string | undefined) => boolean,
): Decision => ({
  ...decision,
  mirrors: decision.mirrors.filter(({ host, subset }) => host !== catalogHost || !isGone(subset)),
})

/** Whether requests are answered with 503. */
export const fails = ({ destinations }: Decision): boolean =>
  destinations.some(({ failure, percent }) => failure !== undefined && percent > 0)

/** The same decision with copies to a subset of the Service, in the place of those that it has to it by hand. */
export function mirroredTo(decision: Decision, [subset, percent]: readonly [string, number]): Decision {
  const copy = {
    host: catalogHost,
    subset,
    port: decision.destinations[0]!.port,
    percent,
    failure: undefined,
    headers: undefined,
  }
  const isSame = (other: DecidedDestination): boolean => other.host === catalogHost && other.subset === subset
  return {
    ...decision,
    mirrors: decision.mirrors.some(isSame)
      ? decision.mirrors.map(other => (isSame(other) ? { ...other, percent } : other))
      : [...decision.mirrors, copy],
  }
}
