import { refOf } from '../../../../objects/kinds.ts'
import { expandHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { keyOf, namespaceOf, type Ref } from '../../../../objects/kube-object.ts'
import type { Destination, HttpRoute, VirtualService } from '../../../../objects/virtual-service.ts'
import { roundPercent, unknownWeightOf } from '../../../../routing/shares.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import {
  type EntryPoint,
  type Idle,
  type MirrorRoute,
  type Share,
  type Split,
} from '../../../../routing/traffic.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { baseRoutesOf, takenBy, type BaseRoute, type EntryQuestion } from './base-routes.ts'
import { getsRequests, type CarriedRoute, type Carrier } from './carriers.ts'
import { cohortRoutesOf, stickySplitOf } from './cohort-routes.ts'
import { faultOf, type ReadReference } from './faults.ts'
import { idleOf } from './idle.ts'
import { mirrorItems, mirrorsOf, percentOf, type RouteMirror } from './mirrors.ts'
import { baseRouteTest } from '../record/keyed-bases.ts'
import { previewOf } from '../record/preview.ts'
import { leadsTo, listOf, type RoutedService } from '../routed-service.ts'
import { describeBlocks } from '../../resolve/objects/match.ts'
import { targetIn } from '../version-target.ts'
import { versionNamed } from '../versions.ts'

/** One VirtualService as people see it: who gets what by it, and what of it the mesh does not carry out. */
export function entryPointOf(view: ClusterView, carrier: Carrier, question: EntryQuestion): EntryPoint {
  const { object, entries } = carrier
  const { service, complete } = question
  const idle: Idle | undefined = idleOf(view, carrier, { complete })
  const sticky = stickySplitOf(view, carrier, question)
  const preview = previewOf(object)
  const roots = entries.filter(({ root }) => root !== object).map(({ root }) => refOf(root))
  return {
    ref: refOf(object),
    hosts: unique(entries.flatMap(({ root }) => listOf(root.spec.hosts))),
    gateways: unique(entries.flatMap(({ root }) => gatewaysOf(root, object))),
    ...(roots.length > 0 && { roots: distinctRefs(roots) }),
    cohorts: cohortRoutesOf(view, carrier, question),
    splits: baseRoutesOf(view, carrier, service)
      .map(base => splitOf(view, base, { carrier, question }))
      .map(split => (idle === undefined ? split : { ...split, reached: false })),
    mirrors: [...mirrorRoutes(view, carrier, question), ...mirrorsElsewhere(view, carrier, question)],
    ...(sticky !== undefined && { sticky }),
    ...(preview !== undefined && { preview }),
    ...(idle !== undefined && { idle }),
  }
}

/** Mirrors that do the same on several routes are one; it says which routes where these are not all. */
function mirrorRoutes(
  view: ClusterView,
  carrier: Carrier,
  { service, versions, complete }: EntryQuestion,
): readonly MirrorRoute[] {
  const { object } = carrier
  const carried = baseRoutesOf(view, carrier, service)
  const unreached = new Set(carried.filter(base => !getsRequests(base)).map(({ raw }) => raw))
  const bases = listOf(object.spec.http)
    .filter(baseRouteTest(object, service))
    .filter(route => !unreached.has(route))
  const taken = new Map(carried.map(base => [base.raw, takenBy(base)]))
  const found = mirrorsOf(object, service)
  const alike = Map.groupBy(found, ({ target, percent, isOurs }) => JSON.stringify([target, percent, isOurs]))
  return [...alike.values()].map(those => {
    const [{ target, percent, isOurs }] = those as [RouteMirror]
    const routes = those.map(({ route }) => route)
    const isOnAll = bases.every(base => routes.includes(base))
    return {
      version: versionNamed(target, versions),
      percent,
      byHand: !isOurs,
      ...faultOf(
        view,
        those.flatMap(mirror => copiesOf(mirror, carried)),
        { complete },
      ),
      ...(!isOnAll && {
        takes: unique(routes.map(route => taken.get(route) ?? describeBlocks(listOf(route.match)))),
      }),
    }
  })
}

/** The mirrors to other services of the routes that take requests. */
function mirrorsElsewhere(
  view: ClusterView,
  carrier: Carrier,
  { service }: EntryQuestion,
): readonly MirrorRoute[] {
  const leads = leadsTo(carrier.object, service)
  const bases = baseRoutesOf(view, carrier, service).filter(getsRequests)
  const all = bases.flatMap(base =>
    mirrorItems(base.raw as HttpRoute)
      .filter(item => typeof item.destination?.host === 'string' && !leads(item.destination))
      .map(item => ({
        version: labelElsewhere(item.destination, carrier.object, service),
        percent: percentOf(item),
        takes: takenBy(base),
      })),
  )
  const alike = Map.groupBy(all, ({ version, percent }) => `${version} ${percent}`)
  return [...alike.values()].map(those => ({
    version: those[0]!.version,
    percent: those[0]!.percent,
    byHand: true,
    isElsewhere: true,
    ...(those.length < bases.length && { takes: unique(those.map(({ takes }) => takes)) }),
  }))
}

/** The references that a mirror is, as each entry reads it. */
const copiesOf = (
  { route, destination }: RouteMirror,
  carried: readonly BaseRoute[],
): readonly ReadReference[] =>
  carried
    .filter(({ raw }) => raw === route)
    .flatMap(({ references }) => references)
    .filter(
      ({ reference: { target } }) =>
        target.isMirror && target.host === destination.host && target.subset === destination.subset,
    )
    .map(({ entry, reference }) => ({ root: entry.root, reference }))

interface SplitQuestion {
  readonly carrier: Carrier
  readonly question: EntryQuestion
}

function splitOf(view: ClusterView, base: BaseRoute, { carrier, question }: SplitQuestion): Split {
  const { section, raw, route, references } = base
  const { service, versions, complete } = question
  const leads = leadsTo(carrier.object, service)
  const target = targetIn(carrier.object, service)
  const destinations = route.targets.filter(({ isMirror }) => !isMirror)
  const shares = sharesOf(listOf(raw.route)).flatMap(({ destination, percent }, i): readonly Share[] => {
    if (!carrier.leadsElsewhere && !leads(destination)) return []
    const written = destinations.find(({ place }) => place.at(-2) === i)
    const same = references.filter(({ reference }) => isOfTarget(reference.target, written))
    const fault =
      percent > 0
        ? faultOf(
            view,
            same.map(({ entry, reference }) => ({ root: entry.root, reference })),
            { complete },
          )
        : {}
    const version = leads(destination)
      ? versionNamed(target(destination), versions)
      : labelElsewhere(destination, carrier.object, service)
    const closes = section !== 'http' && (fault.fault ?? fault.failsFor) !== undefined
    return [{ version, percent, ...fault, ...(closes && { closes }) }]
  })
  return {
    takes: takenBy({ raw, references }),
    shares: summed(shares),
    reached: getsRequests(base),
    ...(!getsRequests(base) && base.taker?.isGuess && { unlessOlderThan: [refOf(base.taker.object)] }),
    ...unknownWeightOf(listOf(raw.route)),
  }
}

/** Whether a destination, merged under a root or not, is the one written: a merged one has lost its place. */
const isOfTarget = (
  target: CarriedRoute['route']['targets'][number],
  written: CarriedRoute['route']['targets'][number] | undefined,
): boolean =>
  written !== undefined
  && !target.isMirror
  && target.host === written.host
  && target.subset === written.subset
  && target.port === written.port
  && target.weight === written.weight

/** The gateways of a VirtualService as one would write them beside a route. */
function gatewaysOf(root: VirtualService, object: VirtualService): readonly string[] {
  const names = listOf(root.spec.gateways)
  const isElsewhere = root.metadata.namespace !== object.metadata.namespace
  if (names.length === 0) return ['mesh']
  return names.map(name =>
    isElsewhere && name !== 'mesh' && !name.includes('/') ? `${root.metadata.namespace}/${name}` : name,
  )
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

const distinctRefs = (refs: readonly Ref[]): readonly Ref[] => [
  ...new Map(refs.map(ref => [keyOf(ref), ref])).values(),
]

/** What a destination that leads to another service is called: a Service of the namespace by its name alone. */
function labelElsewhere(
  { host, subset }: Destination,
  virtualService: VirtualService,
  { namespace, clusterDomain }: RoutedService,
): string {
  const full = expandHost(host, namespaceOf(virtualService), clusterDomain)
  const found = serviceOfHost(full, clusterDomain)
  const name =
    found === undefined
      ? full
      : found.namespace === namespace
        ? found.name
        : `${found.name}.${found.namespace}`
  return [name, subset].filter(Boolean).join(' ')
}

/** The shares of one version that fare alike are one share, rounded once. */
function summed(shares: readonly Share[]): readonly Share[] {
  const alike = Map.groupBy(shares, ({ version, fault, failsFor, unknown }) =>
    JSON.stringify([version, fault, failsFor, unknown]),
  )
  return [...alike.values()].map(those => ({
    ...those[0]!,
    percent: roundPercent(those.reduce((sum, { percent }) => sum + percent, 0)),
  }))
}
