import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { refOf } from '../../../objects/kinds.ts'
import { formatPath } from '../../../objects/paths.ts'
import { serviceWord } from '../../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf, textsOf } from '../../../objects/unchecked.ts'
import type { Note } from '../../../routing/note.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { roundPercent, unknownWeightOf } from '../../../routing/shares.ts'
import { readyOf, wantedOf } from '../../../routing/service.ts'
import {
  anyOf,
  type CohortRoute,
  type EntryPoint,
  type SeenWorkload,
  type Share,
  type Traffic,
  type Version,
} from '../../../routing/traffic.ts'
import { hostOfService, type HostedVersion } from '../../../workloads/service-versions.ts'
import { ownSplitOf } from '../resolve/own-split.ts'
import { classOf, nameOf } from '../resolve/rules.ts'
import { reachedRules } from '../resolve/table.ts'
import { confirmationOf } from './confirmation.ts'
import { ownerOf } from './owners.ts'
import { versionOfPart, type ApisixReading } from './reading.ts'
import { chosenIn } from './record.ts'
import { routesTo, singlesOut, type ApisixRoutedRule, type OwnedPart } from './routed-rules.ts'
import { standsFor } from './stands-for.ts'

/** Who gets what of a service by its ApisixRoutes. */
export function trafficOf(reading: ApisixReading): Traffic {
  const { view, service, versions, rules } = reading
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
      ...rules.flatMap(rule => splitNotes(reading, rule)),
      ...routes.flatMap(route => refusedNotes(reading, route)),
      ...cohortNotes(reading, entryPoints),
    ],
  }
}

function shownVersion(reading: ApisixReading, { name, service, workloads, host }: HostedVersion): Version {
  return {
    name,
    ...(host !== undefined && host !== hostOfService(reading.service) && { host: service!.name }),
    ...((workloads.length > 0 || reading.seesWorkloads) && {
      ready: readyOf({ workloads }),
      wanted: wantedOf({ workloads }),
      workloads: workloads.map(({ labels: _, ...workload }): SeenWorkload => workload),
    }),
  }
}

function entryPointOf(reading: ApisixReading, route: ApisixRoute): EntryPoint {
  const { view } = reading
  const rules = reading.rules.filter(rule => rule.route === route)
  const bases = rules.filter(({ cohort }) => cohort === undefined)
  const reached = reachedRules(view, route)
  const owner = ownerOf(view, route, reading.service)
  const hosts = [...new Set(rules.flatMap(hostsShown))]
  return {
    ref: refOf(route),
    hosts,
    gateways: [classOf(route) === '' ? 'apisix' : classOf(route)],
    cohorts: cohortsOf(reading, { rules, bases, reached, hosts }),
    splits: bases.map(rule => ({
      takes: takesAt(rule, hosts),
      shares: sharesOf(reading, rule),
      reached: reached.has(rule.index),
      ...unknownWeightOf([...itemsOf(rule.rule.backends), ...itemsOf(rule.rule.upstreams)]),
    })),
    mirrors: [],
    ...(owner !== undefined && { owner }),
  }
}

/** The hosts of a rule; `*` for every host. */
export function hostsShown({ rule: { match } }: ApisixRoutedRule): readonly string[] {
  const hosts = textsOf(fieldsOf(match)['hosts'])
  return hosts.length === 0 ? ['*'] : hosts
}

/** What a rule takes, with its hosts where other rules of its route have others. */
const takesAt = (rule: ApisixRoutedRule, all: readonly string[]): string => {
  const own = hostsShown(rule)
  return all.every(host => own.includes(host))
    ? rule.takes
    : [own.join(', '), rule.takes].filter(text => text !== '').join(' ')
}

/**
 * What each version gets of a rule, in percent. Where nothing is left that could get requests, they are
 * answered with 503; where a plugin of its own divides them, nobody can tell.
 */
export function sharesOf(reading: ApisixReading, rule: ApisixRoutedRule): readonly Share[] {
  const { view, versions, service } = reading
  if (ownSplitOf(view, rule.route, rule.rule) !== undefined)
    return [{ version: versions.length > 0 ? anyOf(versions) : service.name, percent: 100 }]
  const isServed = rule.parts.some(({ percent }) => percent > 0)
  const shares = rule.parts.map((part): Share => {
    const version = wordFor(reading, part)
    if (isServed) return { version, percent: roundPercent(part.percent) }
    return { version, percent: roundPercent(100 / rule.parts.length), fault: faultOf(part), faultStatus: 503 }
  })
  return [...Map.groupBy(shares, ({ version }) => version).values()].map(([first, ...more]) => ({
    ...first!,
    percent: roundPercent(more.reduce((sum, { percent }) => sum + percent, first!.percent)),
  }))
}

const faultOf = ({ skipped }: OwnedPart): string =>
  skipped === 'PortNotFound' ? 'unknown-port' : 'unknown-backend'

/** What a backend is called: a version, any of them, or the Service or object itself. */
const wordFor = (reading: ApisixReading, part: OwnedPart): string =>
  versionOfPart(reading, part)
  ?? (part.host === hostOfService(reading.service) && reading.versions.length > 0
    ? anyOf(reading.versions)
    : part.name)

interface RulesOfRoute {
  readonly rules: readonly ApisixRoutedRule[]
  readonly bases: readonly ApisixRoutedRule[]
  readonly reached: ReadonlySet<number>
  readonly hosts: readonly string[]
}

/** The cohorts of a route, in the order in which they are recorded. */
function cohortsOf(
  reading: ApisixReading,
  { rules, bases, reached, hosts }: RulesOfRoute,
): readonly CohortRoute[] {
  const byName = Map.groupBy(
    rules.filter(({ cohort }) => cohort !== undefined),
    ({ cohort }) => cohort!.name,
  )
  const recorded = rules[0] === undefined ? [] : cohortsIn(rules[0].route, reading.service)
  const inOrder = recorded.flatMap(({ name }) => (byName.has(name) ? [byName.get(name)!] : []))
  return inOrder.map((copies): CohortRoute => {
    const [first] = copies as [ApisixRoutedRule]
    const record = first.cohort!
    const meant = bases.filter(base => isMeant(reading, base))
    const covered = meant.filter(base => copies.some(copy => standsFor(copy, base, record.when)))
    const fault = copies
      .flatMap(copy => sharesOf(reading, copy))
      .find(share => share.percent > 0 && share.fault !== undefined)
    const isOnSome = covered.length < bases.length && covered.length > 0
    return {
      name: record.name,
      to: record.to,
      ...(record.share !== undefined && { shares: sharesOf(reading, first) }),
      conditions: record.when,
      ...(isOnSome && { takes: [...new Set(covered.map(base => takesAt(base, hosts)))] }),
      ...(record.since !== undefined && { since: record.since }),
      ...(record.until !== undefined && { until: record.until }),
      ...(record.reason !== undefined && { reason: record.reason }),
      reached: copies.some(({ index }) => reached.has(index)),
      ...(fault?.fault !== undefined && { fault: fault.fault }),
      uncovered: meant
        .filter(base => !covered.includes(base) && reached.has(base.index))
        .filter(base => !isLeftAlone(base, record.to, reading))
        .map(base => `ApisixRoute ${nameOf(base.route)} ${placeOf(base)}`),
    }
  })
}

/** `spec.http[1]` */
export const placeOf = ({ index }: Pick<ApisixRoutedRule, 'index'>): string =>
  formatPath(['spec', 'http', index])

/** Whether the canary is on a rule: on all, unless a person chose some. */
const isMeant = ({ service }: ApisixReading, { route, key }: ApisixRoutedRule): boolean =>
  chosenIn(route, service)?.includes(key) ?? true

/** A rule for some senders leads to the cohort's version itself. */
const isLeftAlone = (base: ApisixRoutedRule, to: string, reading: ApisixReading): boolean =>
  singlesOut(base) && base.parts.every(part => versionOfPart(reading, part) === to)

/** Rules whose requests a plugin of their own divides. */
function splitNotes({ view }: ApisixReading, rule: ApisixRoutedRule): readonly Note[] {
  const own = ownSplitOf(view, rule.route, rule.rule)
  return own === undefined
    ? []
    : [
        {
          kind: 'plugin-divides',
          object: refOf(rule.route),
          place: placeOf(rule),
          plugin: own.name,
          where: own.where,
        },
      ]
}

/** What the ingress controller says of a route that it does not carry out. */
function refusedNotes({ complete }: ApisixReading, route: ApisixRoute): readonly Note[] {
  const said = complete ? confirmationOf(route) : undefined
  return said?.state !== 'refused'
    ? []
    : [{ kind: 'route-refused', object: refOf(route), by: said.by, reason: said.reason }]
}

/** Cohorts that do not cover the rules of their service, with the command that makes them. */
function cohortNotes({ view, service }: ApisixReading, points: readonly EntryPoint[]): readonly Note[] {
  // A canary on routes that a person chose is recorded on these: the others were left out.
  const chosen = routesTo(view, service).filter(route => chosenIn(route, service) !== undefined)
  const isLeftOut = ({ ref }: EntryPoint): boolean =>
    chosen.length > 0 && !chosen.some(({ metadata }) => metadata.name === ref.name)
  const cohorts = new Map(points.flatMap(point => point.cohorts.map(one => [one.name, one] as const)))
  return [...cohorts.values()].flatMap(({ name: cohort, to }): readonly Note[] => {
    const places = points.flatMap(point => {
      const own = point.cohorts.filter(({ name }) => name === cohort)
      if (own.length > 0) return own.flatMap(({ uncovered }) => uncovered)
      const isOpen = !isLeftOut(point) && point.splits.some(({ reached }) => reached)
      return isOpen ? [`${point.ref.kind} ${point.ref.namespace}/${point.ref.name}`] : []
    })
    const fix = `kubectl canary cohort ${cohort} ${serviceWord(service.name)} --to ${to} -n ${service.namespace}`
    return places.length === 0 ? [] : [{ kind: 'cohort-lacks-routes', cohort, places, fix }]
  })
}
