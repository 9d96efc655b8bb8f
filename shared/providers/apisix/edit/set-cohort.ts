import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { clash } from '../../../routing/narrow.ts'
import { cohortAfter, sinceOf } from '../../../routing/record/cohorts-set-again.ts'
import type { CohortRecord } from '../../../routing/record/record.ts'
import { idOf } from '../../../routing/service.ts'
import type { WantedCohort } from '../../../routing/wanted.ts'
import type { VersionServices } from '../../../workloads/ensure-services.ts'
import { leadsToAll, type ApisixReading } from '../read/reading.ts'
import type { ApisixRoutedRule, OwnedPart } from '../read/routed-rules.ts'
import { cohortMatch, unaskable } from '../read/stands-for.ts'
import { matchesOf } from '../resolve/matches.ts'
import { priorityOf, ruleKeys, rulesOf, weightOf } from '../resolve/rules.ts'
import { backendsFor, withRules, type ServiceShare } from './backends.ts'
import { whereIs } from './places.ts'
import { basesIn, withBackends, withoutRules, type ApisixDraft } from './route-draft.ts'

/** A cohort that is to be set at base rules of one route. */
export interface AskedCohort {
  /** The names of the rules. */
  readonly keys: ReadonlySet<string>
  readonly cohort: WantedCohort
  readonly stable: string
  /** The cohort that it goes before. */
  readonly before: string | undefined
  readonly services: VersionServices
  /** The names of the rules that take requests: one that takes none needs no rule of the cohort. */
  readonly reached: ReadonlySet<string>
}

/**
 * The rules of a cohort made again, after all others of the route: the ids of rules in APISIX go by their places, so that no
 * other rule may move. They have precedence by their priority, which is one above that of their base rule. Base rules that
 * lead to all versions alike are turned to stable.
 */
export function setCohortRules(reading: ApisixReading, draft: ApisixDraft, asked: AskedCohort): ApisixDraft {
  const { cohort } = asked
  const id = idOf(reading.service)
  const isIt = (record: CohortRecord): boolean => record.service === id && record.name === cohort.name
  const earlier = draft.record.cohorts.find(isIt)
  const gone = new Set(earlier?.routes)
  const at = ruleKeys(draft.route).findIndex(key => gone.has(key))
  const bare = withoutRules(draft, gone)
  const without: ApisixDraft = {
    ...bare,
    record: { ...bare.record, cohorts: bare.record.cohorts.filter(record => !isIt(record)) },
  }
  const pinned = pinToStable(reading, without, asked)
  const bases = basesIn(reading, pinned).filter(({ key }) => asked.keys.has(key) && asked.reached.has(key))
  const copies = named(
    bases.map(base => cohortCopy(reading, base, asked)),
    { route: pinned.route, cohort: cohort.name, bases },
  )
  if (copies.length === 0) return without
  const record = {
    ...cohort,
    ...sinceOf(cohort, earlier),
    service: id,
    routes: copies.map(({ name }) => name!),
  }
  return placed(pinned, copies, {
    record,
    at: at < 0 ? rulesOf(pinned.route).length : at,
    before: asked.before ?? cohortAfter(draft.record.cohorts, isIt),
  })
}

const sharesOf = ({ cohort: { share, to }, stable, services }: AskedCohort) =>
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
  reading: ApisixReading,
  draft: ApisixDraft,
  { keys, services, stable }: AskedCohort,
): ApisixDraft {
  const { view, service, complete } = reading
  const leadsToUs = (part: OwnedPart): boolean => part.percent > 0 && leadsToAll(reading, part)
  const changed = basesIn(reading, draft)
    .filter(({ key, parts }) => keys.has(key) && parts.some(leadsToUs))
    .map(base => {
      const host = services.hostFor(stable)
      const shares = sharesByWeight(base.parts.map(part => (leadsToUs(part) ? { ...part, host } : part)))
      return { base, backends: backendsFor(view, base, { shares, complete, keepsOthers: true }) }
    })
  return changed.length === 0 ? draft : withBackends(draft, service, changed)
}

/** What each Service gets by the weights of its backends. */
function sharesByWeight(parts: readonly OwnedPart[]): readonly ServiceShare[] {
  const taking = parts.filter(({ percent }) => percent > 0)
  return [...new Set(taking.flatMap(({ host }) => host ?? []))].map(host => ({
    host,
    percent: taking
      .filter(part => part.host === host)
      .reduce((sum, { backend, percent }) => sum + (backend === undefined ? percent : weightOf(backend)), 0),
  }))
}

/**
 * The rule of a cohort for a base rule: the same with the conditions added, one priority higher; plugins, plugin config,
 * timeouts, authentication and all else are copied. Throws a CanaryError `refused` where the conditions cannot be asked there.
 */
function cohortCopy(
  { view, complete }: ApisixReading,
  base: ApisixRoutedRule,
  asked: AskedCohort,
): ApisixRule {
  const { route, rule, index } = base
  const { cohort } = asked
  const own = matchesOf(route).filter(each => each.rule === index)
  const reason = unaskable(cohort.when) ?? own.map(({ match }) => clash(match, cohort.when)).find(Boolean)
  if (reason !== undefined)
    throw new CanaryError('refused', `cohort ${cohort.name} cannot be set at ${whereIs(base)}: ${reason}`, {
      hints: ['Choose other conditions with --header, --cookie or --query, or other routes with --route.'],
    })
  return {
    ...rule,
    priority: priorityOf(rule) + 1,
    match: cohortMatch(rule.match, cohort.when),
    backends: backendsFor(view, base, { shares: sharesOf(asked), complete }),
  }
}

interface NamingOf {
  readonly route: ApisixRoute
  readonly cohort: string
  readonly bases: readonly ApisixRoutedRule[]
}

/** The same rules, each with a name that no other rule of the route has. */
function named(copies: readonly ApisixRule[], { route, cohort, bases }: NamingOf): readonly ApisixRule[] {
  const taken = new Set(ruleKeys(route))
  return copies.map((copy, i) => {
    const wish = `${bases[i]!.key}-${cohort}`
    let name = wish
    for (let n = 2; taken.has(name); n++) name = `${wish}-${n}`
    taken.add(name)
    return { ...copy, name }
  })
}

interface PlacedRules {
  readonly record: CohortRecord
  /** Where the rules go. */
  readonly at: number
  /** The cohort before which it is recorded; at the end when left out. */
  readonly before: string | undefined
}

function placed(
  { route, record }: ApisixDraft,
  copies: readonly ApisixRule[],
  { record: own, at, before }: PlacedRules,
): ApisixDraft {
  const next = record.cohorts.findIndex(({ service, name }) => service === own.service && name === before)
  const cohorts = record.cohorts.toSpliced(next < 0 ? record.cohorts.length : next, 0, own)
  return {
    route: withRules(route, rulesOf(route).toSpliced(at, 0, ...copies)),
    record: { ...record, cohorts },
  }
}
