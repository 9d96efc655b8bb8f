import { CanaryError } from '../../../../objects/canary-error.ts'
import { cohortAfter, sinceOf } from '../../../../routing/record/cohorts-set-again.ts'
import type { CohortRecord } from '../../../../routing/record/record.ts'
import { idOf } from '../../../../routing/service.ts'
import type { WantedCohort } from '../../../../routing/wanted.ts'
import { rulesOf, weightOf } from '../../resolve/routes.ts'
import type { RouteReading } from '../../read/reading.ts'
import type { RoutedRule, RulePart } from '../../read/rules/routed-rules.ts'
import { askedBy, ruleKeys } from '../../read/rules/rule-keys.ts'
import { hostOf } from '../../read/services/service-hosts.ts'
import { versionOfHost } from '../../read/services/versions.ts'
import { backendsFor, withRules, type HostShare } from '../backends/backends.ts'
import { cohortCopy, conditionOptions, type CohortCopy } from './cohort-rules.ts'
import { basesIn, withBackends, withoutRules, type RouteDraft } from '../route-draft.ts'
import { whereIs } from '../scope.ts'
import type { VersionServices } from '../../../../workloads/ensure-services.ts'

/** A cohort that is to be set at base rules of one route. */
export interface CohortAtRoute {
  readonly bases: readonly RoutedRule[]
  readonly cohort: WantedCohort
  readonly stable: string
  /** The cohort that it goes before. */
  readonly before: string | undefined
  readonly services: VersionServices
  /** The keys of the rules that take requests: one that takes none needs no rule of the cohort. */
  readonly reached: ReadonlySet<string>
}

/**
 * The rules of a cohort created again, after those of the route: their matches are more specific than those of the base
 * rules, and a rule that is as specific comes first. Base rules that lead to all versions are changed to stable.
 */
export function setCohortRules(reading: RouteReading, draft: RouteDraft, asked: CohortAtRoute): RouteDraft {
  const { view, service } = reading
  const { cohort, stable, services } = asked
  const id = idOf(service)
  const isIt = (record: CohortRecord): boolean => record.service === id && record.name === cohort.name
  const earlier = draft.record.cohorts.find(isIt)
  const bare = withoutRules(draft, new Set(earlier?.routes))
  const without: RouteDraft = {
    ...bare,
    record: { ...bare.record, cohorts: bare.record.cohorts.filter(record => !isIt(record)) },
  }
  const keys = new Set(asked.bases.map(({ key }) => key))
  const scoped = (of: RouteDraft): readonly RoutedRule[] =>
    basesIn(view, of, service).filter(({ key }) => keys.has(key))
  const pinned = pinToStable(reading, without, { bases: scoped(without), host: services.hostFor(stable) })
  const shares = sharesOf(asked)
  const copies = distinct(
    scoped(pinned)
      .filter(({ key }) => asked.reached.has(key))
      .map(base => cohortCopy(view, base, { cohort, shares })),
  )
  if (copies.length === 0) return without
  requireNew(pinned, copies, cohort)
  return placed(pinned, copies, {
    record: { ...cohort, ...sinceOf(cohort, earlier), service: id, routes: copies.map(({ key }) => key) },
    at: asked.before ?? cohortAfter(draft.record.cohorts, isIt),
  })
}

/** Of rules that ask the same only the first takes requests. */
const distinct = (copies: readonly CohortCopy[]): readonly CohortCopy[] =>
  copies.filter((copy, i) => copies.findIndex(({ key }) => key === copy.key) === i)

const sharesOf = ({ cohort: { share, to }, stable, services }: CohortAtRoute) =>
  share === undefined
    ? [{ host: services.hostFor(to), percent: 100 }]
    : [
        { host: services.hostFor(to), percent: share },
        { host: services.hostFor(stable), percent: 100 - share },
      ]

/**
 * Rules that lead to the pods of all versions, turned to the stable one: everyone else would get the others, too. What goes
 * to the Service of a version stays there.
 */
function pinToStable(
  { view, service, versions }: RouteReading,
  draft: RouteDraft,
  { bases, host }: { readonly bases: readonly RoutedRule[]; readonly host: string },
): RouteDraft {
  const isUmbrella = (of: string | undefined): boolean =>
    of === hostOf(service) && versionOfHost(versions, of) === undefined
  const changed = bases
    .filter(({ parts }) => parts.some(part => part.percent > 0 && isUmbrella(part.host)))
    .map(base => {
      const parts = base.parts.map(part => (isUmbrella(part.host) ? { ...part, host } : part))
      const shares = sharesByWeight(parts)
      return { base, backendRefs: backendsFor(view, base, { shares, keepsOthers: true }) }
    })
  return changed.length === 0 ? draft : withBackends(draft, service, changed)
}

/** What each Service gets by the weights of its backends. */
const sharesByWeight = (parts: readonly RulePart[]): readonly HostShare[] =>
  [...new Set(parts.flatMap(({ host }) => host ?? []))].map(host => ({
    host,
    percent: parts
      .filter(part => part.host === host)
      .reduce((sum, { backend }) => sum + Math.max(0, weightOf(backend)), 0),
  }))

/** Throws a CanaryError `refused` where a rule that is not ours asks the same as one of the cohort. */
function requireNew({ route }: RouteDraft, copies: readonly CohortCopy[], { name }: WantedCohort): void {
  const keys = ruleKeys(route)
  const there = copies.find(({ key }) => keys.includes(key))
  if (there === undefined) return
  const isItself = there.key === askedBy(there.base.rule)
  throw new CanaryError(
    'refused',
    `cohort ${name} cannot be set at ${whereIs(there.base)}: ${isItself ? 'it asks for all conditions already' : 'another rule of the route takes the same requests'}`,
    { hints: [`Remove that rule, or choose other conditions with ${conditionOptions(route)}.`] },
  )
}

interface Placing {
  readonly record: CohortRecord
  /** The cohort before which it goes; at the end when left out, or where that one has no rules here. */
  readonly at: string | undefined
}

function placed(
  { route, record }: RouteDraft,
  copies: readonly CohortCopy[],
  { record: own, at }: Placing,
): RouteDraft {
  const [keys, rules] = [ruleKeys(route), rulesOf(route)]
  const next = record.cohorts.findIndex(({ service, name }) => service === own.service && name === at)
  const first = keys.findIndex(key => record.cohorts[next]?.routes.includes(key))
  const place = first < 0 ? rules.length : first
  const cohorts = record.cohorts.toSpliced(next < 0 ? record.cohorts.length : next, 0, own)
  const all = rules.toSpliced(place, 0, ...copies.map(({ rule }) => rule))
  return { route: withRules(route, all), record: { ...record, cohorts } }
}
