import { refOf } from '../../../objects/kinds.ts'
import type { BackendRef } from '../../../objects/gateway-api.ts'
import { isEqual } from '../../../objects/content/equal.ts'
import type { Note } from '../../../routing/note.ts'
import type { WantedSplit } from '../../../routing/wanted.ts'
import { overlay } from '../../../view/overlay.ts'
import { weightOf } from '../resolve/routes.ts'
import type { RouteReading } from '../read/reading.ts'
import { backendsBefore } from '../read/record.ts'
import { singlesOut, type RoutedRule } from '../read/rules/routed-rules.ts'
import { serviceMeantBy } from '../read/services/applications.ts'
import { hostOfBackend, hostOf, servedHosts } from '../read/services/service-hosts.ts'
import { versionOfHost } from '../read/services/versions.ts'
import { backendsFor } from './backends.ts'
import { finished, withBackends, type RouteDraft } from './route-draft.ts'
import { placeOf } from './scope.ts'
import type { VersionServices } from '../../../workloads/ensure-services.ts'

/** A split that is to be set, and whether it ends the canary. */
export interface SplitOfRoute {
  readonly split: WantedSplit
  readonly services: VersionServices
  readonly endsCanary: boolean
}

/** The split at base rules of one route. */
export function setSplit(
  reading: RouteReading,
  draft: RouteDraft,
  { bases, ...asked }: SplitOfRoute & { readonly bases: readonly RoutedRule[] },
): RouteDraft {
  const edited = bases.filter(base => !isLeftAlone(reading, base, asked.split))
  const split = (keepsIdle: boolean): RouteDraft => {
    const changed = edited
      .map(base => ({ base, backendRefs: backendsOfSplit(reading, base, { ...asked, keepsIdle }) }))
      .filter(({ base, backendRefs }) => !isEqual(base.rule.backendRefs, backendRefs))
    return changed.length === 0 ? draft : withBackends(draft, reading.service, changed)
  }
  const lean = split(false)
  return fallsApart(reading, draft, lean) ? split(true) : lean
}

/**
 * Whether Services that only the backends of this route show to be versions of one application would not be known as
 * such any more: nobody could say `abort` or go back by the application's name.
 */
function fallsApart(reading: RouteReading, before: RouteDraft, after: RouteDraft): boolean {
  if (after === before || reading.service.host !== undefined) return false
  const { name, namespace, clusterDomain } = reading.service
  const later = overlay(reading.view, [{ before: before.route, after: finished(after) }])
  const left = new Set(servedHosts(serviceMeantBy(later, { name, namespace, clusterDomain })))
  return servedHosts(reading.service).some(host => !left.has(host))
}

/**
 * The backends of a rule by a split. A canary that ends with everything at the version that had everything before
 * it leaves the rule as it was.
 */
function backendsOfSplit(
  { view, service }: RouteReading,
  base: RoutedRule,
  { split, services, endsCanary, keepsIdle }: SplitOfRoute & { readonly keepsIdle: boolean },
): readonly BackendRef[] {
  const shares = split.shares.map(({ version, percent }) => ({ host: services.hostFor(version), percent }))
  const before = backendsBefore(base.route, service, base.key)
  const [lone, ...others] = shares.filter(({ percent }) => percent > 0)
  const hadAll = (host: string): boolean =>
    before?.every(each => weightOf(each) === 0 || hostOfBackend(view, base.route, each) === host) === true
    && before.some(each => hostOfBackend(view, base.route, each) === host && weightOf(each) > 0)
  if (endsCanary && lone !== undefined && others.length === 0 && hadAll(lone.host)) return before!
  return backendsFor(view, base, { shares, before, keepsIdle })
}

/**
 * Whether a rule is somebody's own arrangement: it singles out some senders for other versions than those that the
 * split replaces.
 */
function isLeftAlone(
  { service, versions }: RouteReading,
  base: RoutedRule,
  { replaces }: WantedSplit,
): boolean {
  if (replaces === undefined || !singlesOut(base)) return false
  // A rule that the canary has changed is its own, whatever its shares are by now.
  if (backendsBefore(base.route, service, base.key) !== undefined) return false
  return !base.parts
    .filter(({ percent }) => percent > 0)
    .some(({ host }) => {
      const name = versionOfHost(versions, host)?.name
      return name === undefined ? host === hostOf(service) : replaces.includes(name)
    })
}

/** The rules that a split leaves as they are, as notes. */
export const unchangedNotes = (
  reading: RouteReading,
  bases: readonly RoutedRule[],
  split: WantedSplit,
): readonly Note[] =>
  bases
    .filter(base => isLeftAlone(reading, base, split))
    .map(base => ({ kind: 'route-unchanged', object: refOf(base.route), place: placeOf(base) }))
