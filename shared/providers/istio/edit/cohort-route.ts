import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type {
  HttpMatch,
  HttpRoute,
  VirtualService,
  WeightedDestination,
} from '../../../objects/virtual-service.ts'
import { entranceOf, type Condition } from '../../../routing/condition.ts'
import { destinationsTo, leadsTo, listOf, type RoutedService } from '../read/routed-service.ts'
import { removedDestinations } from '../read/record/removed-destinations.ts'
import { stickyIn } from '../read/record/sticky.ts'
import { withCookie } from './sticky.ts'
import { withoutMirrors } from './mirrored-route.ts'
import { isSameTarget, targetIn, type VersionTarget } from '../read/version-target.ts'
import { aloneAt, splitsPorts } from './destinations.ts'
import { canMeet, clash, narrow, takesEverything } from '../resolve/objects/match.ts'

/** A named group of a service's requests and the version that they are to go to. */
export interface Cohort {
  readonly name: string
  readonly service: RoutedService
  /** The version as people call it, and what stands for it in a route. */
  readonly to: VersionTarget & { readonly version: string }
  /** The version that gets the rest of its requests, and what part of them; none when left out. */
  readonly rest?: (VersionTarget & { readonly version: string; readonly percent: number }) | undefined
  readonly when: readonly Condition[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
  /** Its requests are those with the cookie of one version of a sticky split. */
  readonly sticky?: true
  /** The cohort that it goes before; it keeps its place, else comes last, when left out. */
  readonly before?: string | undefined
  /**
   * What the roots of a delegate demand of each of its blocks, for Istio to merge them; each set of demands
   * that differs.
   */
  readonly demands?: readonly HttpMatch[]
  /** How requests come to a delegate; a VirtualService with hosts says so itself. */
  readonly delegated?: DelegateCallers | undefined
  /** The port of a service that has only one. */
  readonly onlyPort?: number | undefined
  /**
   * The keys of base routes that no request of the cohort's callers reaches, at gateways or anywhere: they
   * need no copy there.
   */
  readonly unreached?: ReadonlyMap<string, 'gateways' | 'all'>
}

/** How requests come to a delegate. */
export interface DelegateCallers {
  /** Whether those of callers in the mesh do. */
  readonly isForMesh: boolean
  /** Whether blocks that delegate ask who calls: Istio does not, where a block of the delegate names gateways. */
  readonly asksCaller: boolean
}

/**
 * The route that a cohort's copy is of, and the entrances that the copy is for. Blocks that take everything
 * at a gateway may have their copy `beside`, in another VirtualService; what is left is the copy `before`.
 */
export interface CopyOf {
  readonly base: HttpRoute
  /** The base route as it is written, where it is a delegate's under the conditions of its root. */
  readonly written?: HttpRoute | undefined
  readonly within: 'all' | 'mesh' | 'before' | 'beside'
}

/**
 * The copy of a base route for a cohort, without a name: narrowed to its requests, leading to its version
 * alone; undefined where no block of the base is
 * for requests of the cohort. Throws a CanaryError `refused` where the base route cannot be narrowed.
 */
export function cohortRoute(
  virtualService: VirtualService,
  cohort: Cohort,
  { base, written = base, within }: CopyOf,
): HttpRoute | undefined {
  const delegated = cohort.delegated ?? { isForMesh: meshIsNamed(virtualService), asksCaller: false }
  const all = entrancesOf(callersOf(blocksOf(base, cohort), cohort.when), within, delegated)
  const blocks = all.filter(block => canMeet(block, cohort.when))
  if (blocks.length === 0) return undefined
  checkCopy(virtualService, written, { cohort, blocks })
  const { name: _n, match: _b, ...rest } = withMirrorsFor(virtualService, base, cohort)
  return {
    match: blocks.map(block => narrow(block, cohort.when)),
    ...rest,
    route: destinationsOf(virtualService, { base, written }, cohort),
  }
}

/**
 * The base route with the mirrors that its copy has: none for a cohort, who are to have one version alone. Users whom
 * a sticky split keeps are everybody, and are mirrored as before, save to the version that they have.
 */
function withMirrorsFor(
  virtualService: VirtualService,
  base: HttpRoute,
  { service, to, sticky }: Cohort,
): HttpRoute {
  const target = targetIn(virtualService, service)
  return withoutMirrors(base, destination => sticky !== true || isSameTarget(target(destination), to))
}

/**
 * The cohort's version, and that of the rest, with the settings that their shares of the base route have; only a
 * sticky route sets a cookie.
 */
function destinationsOf(
  virtualService: VirtualService,
  { base, written }: { readonly base: HttpRoute; readonly written: HttpRoute },
  { service, to, rest, sticky }: Cohort,
): readonly WeightedDestination[] {
  const destinations = destinationsTo(base, leadsTo(virtualService, service))
  const gone = sticky === true ? undefined : stickyIn(virtualService, service)?.cookie
  const removed = removedDestinations(virtualService, service)(written)
  const at = (target: VersionTarget): WeightedDestination =>
    withCookie(aloneAt({ virtualService, service, destinations, removed }, target), { gone })
  if (rest === undefined) return [at(to)]
  return [
    { ...at(to), weight: 100 - rest.percent },
    { ...at(rest), weight: rest.percent },
  ]
}

/**
 * The blocks of a base route; where it has none, what the roots of a delegate demand, else one that asks
 * nothing.
 */
function blocksOf({ match }: HttpRoute, { demands = [] }: Cohort): readonly HttpMatch[] {
  if (listOf(match).length > 0) return listOf(match)
  return demands.length > 0 ? demands : [{}]
}

/**
 * Istio does not ask who calls in a block that names gateways: what is for the mesh goes without them, and
 * without what is not asked there; what is for other gateways has no such callers. Tokens are read at gateways only.
 */
function callersOf(blocks: readonly HttpMatch[], when: readonly Condition[]): readonly HttpMatch[] {
  const only = entranceOf(when)
  if (only === 'gateways') return blocks.filter(({ gateways }) => !isForMeshOnly(listOf(gateways)))
  if (only === undefined) return blocks
  return blocks.flatMap(block => {
    const { gateways, sourceLabels: _l, sourceNamespace: _n, ...rest } = block
    if (listOf(gateways).length === 0) return [block]
    return listOf(gateways).includes('mesh') ? [rest] : []
  })
}

const isForMeshOnly = (gateways: readonly string[]): boolean =>
  gateways.length > 0 && gateways.every(name => name === 'mesh')

const meshIsNamed = ({ spec }: VirtualService): boolean =>
  listOf(spec.gateways).length === 0 || listOf(spec.gateways).includes('mesh')

/** The blocks as far as a copy is for their entrances. */
function entrancesOf(
  blocks: readonly HttpMatch[],
  within: CopyOf['within'],
  { isForMesh, asksCaller }: DelegateCallers,
): readonly HttpMatch[] {
  if (within === 'all') return blocks
  const last = blocks.findIndex(block => takesEverything(block) && isForAllAtGateways(block))
  return blocks.flatMap((block, i) => {
    // What comes after a block that takes everything gets nothing at gateways.
    if (within === 'beside') return takesEverything(block) && i <= last ? forGateways(block) : []
    if (within === 'before' && !takesEverything(block) && (last < 0 || i < last)) return [block]
    return isForMesh ? forMesh(block, asksCaller) : []
  })
}

/** Whether a block is for gateways, and for all requests there as far as their callers are concerned. */
const isForAllAtGateways = ({ gateways, sourceLabels, sourceNamespace }: HttpMatch): boolean =>
  listOf(gateways).length > 0
    ? listOf(gateways).some(name => name !== 'mesh')
    : sourceLabels === undefined && sourceNamespace === undefined

function forMesh(block: HttpMatch, isAsked: boolean): readonly HttpMatch[] {
  const { gateways, ...rest } = block
  if (listOf(gateways).length > 0)
    return listOf(gateways).includes('mesh') ? [{ ...rest, gateways: ['mesh'] }] : []
  // In a block that names gateways Istio does not ask whose proxy it is; those that ask are not for gateways
  // as it is.
  const asksCaller = isAsked || block.sourceLabels !== undefined || block.sourceNamespace !== undefined
  return asksCaller ? [rest] : [{ ...rest, gateways: ['mesh'] }]
}

function forGateways(block: HttpMatch): readonly HttpMatch[] {
  const { gateways, ...rest } = block
  if (listOf(gateways).length === 0) return [rest]
  const left = listOf(gateways).filter(name => name !== 'mesh')
  return left.length === 0 ? [] : [{ ...rest, gateways: left }]
}

function checkCopy(
  virtualService: VirtualService,
  base: HttpRoute,
  { cohort, blocks }: { readonly cohort: Cohort; readonly blocks: readonly HttpMatch[] },
): void {
  const leads = leadsTo(virtualService, cohort.service)
  const foreign = listOf(base.route).find(({ destination }) => !leads(destination))
  if (foreign !== undefined)
    throw refusal(virtualService, base, {
      reason: `it also splits to another host, ${foreign.destination?.host}`,
      hint: `Nothing tells that ${foreign.destination?.host} is a version of ${cohort.service.name}: give it a route of its own, or write the cohort's route by hand.`,
    })
  const hint =
    'Change that route by hand, or choose other conditions with --header, --cookie, --query, --claim or --source-label.'
  if (
    splitsPorts(
      { virtualService, service: cohort.service, destinations: listOf(base.route) },
      cohort.onlyPort,
    )
  )
    throw refusal(virtualService, base, { reason: 'it splits between several ports', hint })
  const reason = blocks.map(block => clash(block, cohort.when)).find(found => found !== undefined)
  if (reason !== undefined) throw refusal(virtualService, base, { reason, hint })
}

function refusal(
  virtualService: VirtualService,
  base: HttpRoute,
  { reason, hint }: { readonly reason: string; readonly hint: string },
): CanaryError {
  const index = listOf(virtualService.spec.http).indexOf(base)
  const named = base.name === undefined ? '' : ` (${base.name})`
  return new CanaryError(
    'refused',
    `VirtualService ${namespaceOf(virtualService)}/${virtualService.metadata.name}, spec.http[${index}]${named}: no cohort can be put before this route, because ${reason}`,
    { hints: [hint] },
  )
}
