import { fieldsOf } from '../../../objects/unchecked.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceWord } from '../../../objects/text/kubectl-commands.ts'
import { formatPath } from '../../../objects/paths.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { Note } from '../../../routing/note.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { roundPercent, unknownWeightOf } from '../../../routing/shares.ts'
import { readyOf, wantedOf } from '../../../routing/service.ts'
import {
  anyOf,
  type CohortRoute,
  type EntryPoint,
  type MirrorRoute,
  type SeenWorkload,
  type Share,
  type Traffic,
  type Version,
} from '../../../routing/traffic.ts'
import { servedHostnames } from '../resolve/attachments.ts'
import {
  isCertain,
  isForMeshAlone,
  resolveBackend,
  resolveMeshBackend,
  type BackendFault,
} from '../resolve/backends.ts'
import { formatGateway, isService, parentOf } from '../resolve/references.ts'
import { parentsOf } from '../resolve/routes.ts'
import { nameOf } from './services/applications.ts'
import { consumerNotes, coverageNotes, isForConsumers } from './coverage-notes.ts'
import { cohortMatches } from './rules/cohort-matches.ts'
import { idleOf } from './rules/idle.ts'
import { mirrorsOf } from './rules/mirrors.ts'
import { ownerOf } from './owners.ts'
import { guessOf, reachedRules } from './rules/reached.ts'
import type { RouteReading } from './reading.ts'
import { chosenIn } from './record.ts'
import { routesTo, singlesOut, type RoutedRule, type RulePart } from './rules/routed-rules.ts'
import { askedBy } from './rules/rule-keys.ts'
import { hostOf, parentNames } from './services/service-hosts.ts'
import { versionOfHost, type RouteVersion } from './services/versions.ts'

/** Who gets what of a service by its routes of the Gateway API. */
export function trafficOf(reading: RouteReading): Traffic {
  const { view, service, versions } = reading
  const routes = routesTo(view, service)
  const stable = routes.map(route => stableOf(route, service)).find(written => written !== undefined)
  const entryPoints = routes.map(route => entryPointOf(reading, route))
  return {
    service: service.name,
    namespace: service.namespace,
    ...(stable !== undefined && { stable }),
    versions: versions.map(version => shownVersion(reading, version)),
    entryPoints,
    notes: [
      ...coverageNotes(reading, entryPoints),
      ...consumerNotes(routes.filter((_, i) => entryPoints[i]?.idle === undefined)),
      ...cohortNotes(reading, entryPoints),
    ],
  }
}

function shownVersion(reading: RouteReading, { name, service, workloads, host }: RouteVersion): Version {
  const own = reading.service
  const shown = service?.namespace === own.namespace ? service.name : `${service?.name}.${service?.namespace}`
  return {
    name,
    ...(host !== undefined && host !== hostOf(own) && { host: shown }),
    ...((workloads.length > 0 || reading.seesWorkloads) && {
      ready: readyOf({ workloads }),
      wanted: wantedOf({ workloads }),
      workloads: workloads.map(({ labels: _, ...workload }): SeenWorkload => workload),
    }),
  }
}

function entryPointOf(reading: RouteReading, route: ServiceRoute): EntryPoint {
  const { view, service, complete } = reading
  const rules = reading.rules.filter(rule => rule.route === route)
  const bases = rules.filter(({ cohort }) => cohort === undefined)
  const reached = reachedRules(view, route, { complete })
  const isReached = ({ index }: RoutedRule): boolean => reached.has(index)
  const idle = idleOf(view, route, { complete })
  const owner = ownerOf(view, route, service)
  const parents = parentsOf(route).map(parent => parentOf(route, parent))
  const hosts = [...servedHostnames(view, route, { complete }), ...parentNames(view, route, service)]
  return {
    ref: refOf(route),
    hosts: hosts.length > 0 ? hosts : ['*'],
    gateways: [...new Set(parents.map(parent => (isService(parent) ? 'mesh' : formatGateway(parent))))],
    ...(isForConsumers(route) && { callersIn: namespaceOf(route) }),
    cohorts: cohortsOf(reading, { rules, bases, isReached }),
    splits: bases.map(rule => ({
      takes: rule.takes,
      shares: sharesOf(reading, rule),
      reached: isReached(rule),
      ...guessOf(view, rule, { complete }),
      ...unknownWeightOf(rule.rule.backendRefs),
    })),
    mirrors: mirrorRoutes(reading, bases.filter(isReached)),
    ...(idle !== undefined && { idle }),
    ...(owner !== undefined && { owner }),
  }
}

const faults: Readonly<Record<BackendFault, string>> = {
  InvalidKind: 'unknown-backend',
  BackendNotFound: 'unknown-backend',
  PortNotFound: 'unknown-port',
  RefNotPermitted: 'ungranted-reference',
}

/** What each version gets of a rule, in percent; requests for a backend that is not valid are answered with 500. */
export function sharesOf(reading: RouteReading, rule: RoutedRule): readonly Share[] {
  const shares = rule.parts.map((part): Share => {
    const fault = knownFault(reading, rule, part)
    return {
      version: wordFor(reading, part),
      percent: roundPercent(part.percent),
      ...(fault !== undefined && { fault: faults[fault], faultStatus: 500 }),
    }
  })
  return [...Map.groupBy(shares, ({ version, fault }) => `${version} ${fault}`).values()].map(
    ([first, ...more]) => ({
      ...first!,
      percent: roundPercent(more.reduce((sum, { percent }) => sum + percent, first!.percent)),
    }),
  )
}

/** Why a backend is not valid; in files what is absent may be elsewhere. */
function knownFault(
  { view, complete }: RouteReading,
  { route }: RoutedRule,
  { backend }: Pick<RulePart, 'backend'>,
): BackendFault | undefined {
  // A route for gateways and the mesh fails at the gateways.
  const resolve = isForMeshAlone(route) ? resolveMeshBackend : resolveBackend
  const resolved = resolve(view, route, backend)
  return isCertain(view, route, { ...resolved, complete }) ? resolved.fault : undefined
}

/** What a backend is called: a version, any of them, or the Service or object itself. */
function wordFor(
  { service, versions }: RouteReading,
  { backend, host }: Pick<RulePart, 'backend' | 'host'>,
): string {
  const version = versionOfHost(versions, host)?.name
  if (version !== undefined) return version
  if (host === hostOf(service)) return versions.length > 0 ? anyOf(versions) : service.name
  return host?.split('.').slice(0, 2).join('.') ?? `${backend.kind} ${backend.name}`
}

interface RulesOfRoute {
  readonly rules: readonly RoutedRule[]
  readonly bases: readonly RoutedRule[]
  readonly isReached: (rule: RoutedRule) => boolean
}

/** The cohorts of a route, in the order in which they are recorded. */
function cohortsOf(reading: RouteReading, { rules, bases, isReached }: RulesOfRoute): readonly CohortRoute[] {
  const byName = Map.groupBy(
    rules.filter(({ cohort }) => cohort !== undefined),
    ({ cohort }) => cohort!.name,
  )
  return [...byName.values()].map((copies): CohortRoute => {
    const [first] = copies as [RoutedRule]
    const record = first.cohort!
    const keys = new Set(copies.map(({ key }) => key))
    const meant = bases.filter(base => isMeant(reading, base))
    const covered = meant.filter(base => keys.has(copyKey(base, record.when)))
    const shares = sharesOf(reading, first)
    const fault = copies
      .flatMap(copy => sharesOf(reading, copy))
      .find(share => share.percent > 0 && share.fault !== undefined)
    const isOnSome = covered.length < bases.length && covered.length > 0
    return {
      name: record.name,
      to: record.to,
      ...(record.share !== undefined && { shares }),
      conditions: record.when,
      ...(isOnSome && { takes: [...new Set(covered.map(({ takes }) => takes))] }),
      ...(record.since !== undefined && { since: record.since }),
      ...(record.until !== undefined && { until: record.until }),
      ...(record.reason !== undefined && { reason: record.reason }),
      reached: copies.some(isReached),
      ...(fault?.fault !== undefined && { fault: fault.fault }),
      uncovered: meant
        .filter(base => !covered.includes(base) && isReached(base) && !isLeftAlone(base, record.to, reading))
        .map(base => `${base.route.kind} ${nameOf(base.route)} ${formatPath(['spec', 'rules', base.index])}`),
    }
  })
}

/** The key of the rule that a cohort has for a base rule. */
export const copyKey = ({ route, rule }: RoutedRule, when: CohortRoute['conditions']): string =>
  askedBy({ matches: cohortMatches(route, rule, when) })

/** Whether the canary is on a rule: on all, unless a person chose some. */
export const isMeant = ({ service }: RouteReading, { route, key }: RoutedRule): boolean =>
  chosenIn(route, service)?.includes(key) ?? true

/** A rule for some senders leads to the cohort's version itself. */
const isLeftAlone = (base: RoutedRule, to: string, { versions }: RouteReading): boolean =>
  singlesOut(base) && base.parts.every(({ host }) => versionOfHost(versions, host)?.name === to)

function mirrorRoutes(reading: RouteReading, bases: readonly RoutedRule[]): readonly MirrorRoute[] {
  const { view, service, versions } = reading
  const all = bases.flatMap(base =>
    mirrorsOf(view, base, service).map(({ filter, host, ...mirror }) => {
      const backend: RulePart['backend'] = fieldsOf(filter.requestMirror?.backendRef)
      const named = versionOfHost(versions, host)?.name ?? service.name
      return { ...mirror, base, backend, version: mirror.isOwn ? named : wordFor(reading, { backend, host }) }
    }),
  )
  return [...Map.groupBy(all, ({ version, percent }) => `${version} ${percent}`).values()].map(those => {
    const [{ version, percent, base, backend, isOwn }] = those as [(typeof all)[number]]
    const fault = knownFault(reading, base, { backend })
    const takes = [...new Set(those.map(({ base }) => base.takes))]
    return {
      version,
      percent,
      byHand: those.every(({ isOurs }) => !isOurs),
      ...(!isOwn && { isElsewhere: true as const }),
      ...(fault !== undefined && { fault: faults[fault] }),
      ...(takes.length < new Set(bases.map(base => base.takes)).size && { takes }),
    }
  })
}

/** Cohorts that do not cover the rules of their service, with the command that makes them. */
function cohortNotes({ service }: RouteReading, points: readonly EntryPoint[]): readonly Note[] {
  const inForce = points.filter(({ idle }) => idle === undefined)
  const cohorts = new Map(inForce.flatMap(point => point.cohorts.map(one => [one.name, one] as const)))
  return [...cohorts.values()].flatMap(({ name: cohort, to }): readonly Note[] => {
    const places = inForce.flatMap(point => {
      const own = point.cohorts.filter(({ name }) => name === cohort)
      return own.length > 0
        ? own.flatMap(({ uncovered }) => uncovered)
        : point.splits.some(({ reached }) => reached)
          ? [`${point.ref.kind} ${point.ref.namespace}/${point.ref.name}`]
          : []
    })
    const fix = `kubectl canary cohort ${cohort} ${serviceWord(service.name)} --to ${to} -n ${service.namespace}`
    return places.length === 0 ? [] : [{ kind: 'cohort-lacks-routes', cohort, places, fix }]
  })
}
