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
import { hostOfBackend } from '../read/services/service-hosts.ts'
import { backendsFor, hasAll } from './backends/backends.ts'
import { finished, withBackends, type RouteDraft } from './route-draft.ts'
import { placeOf } from './scope.ts'
import { fallsApart, isLeftAlone } from '../../../workloads/routes/divided-rule.ts'
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
  const edited = bases.filter(base => !isApart(reading, base, asked.split))
  const split = (keepsIdle: boolean): RouteDraft => {
    const changed = edited
      .map(base => ({ base, backendRefs: backendsOfSplit(reading, base, { ...asked, keepsIdle }) }))
      .filter(({ base, backendRefs }) => !isEqual(base.rule.backendRefs, backendRefs))
    return changed.length === 0 ? draft : withBackends(draft, reading.service, changed)
  }
  const lean = split(false)
  if (lean === draft) return draft
  const later = overlay(reading.view, [{ before: draft.route, after: finished(lean) }])
  return fallsApart(reading.service, later, serviceMeantBy) ? split(true) : lean
}

/**
 * The backends of a rule by a split. A canary that ends with everything at the version that had everything before
 * it leaves the rule as it was, also one that changed no shares.
 */
function backendsOfSplit(
  { view, service }: RouteReading,
  base: RoutedRule,
  { split, services, endsCanary, keepsIdle }: SplitOfRoute & { readonly keepsIdle: boolean },
): readonly BackendRef[] {
  // A version without a share may have no Service.
  const shares = split.shares
    .filter(({ percent }) => percent > 0)
    .map(({ version, percent }) => ({ host: services.hostFor(version), percent }))
  const before = backendsBefore(base.route, service, base.key)
  const [lone, ...others] = shares
  const hadAll = (host: string): boolean =>
    before?.every(each => weightOf(each) === 0 || hostOfBackend(view, base.route, each) === host) === true
    && before.some(each => weightOf(each) > 0)
  const isWhole = endsCanary && lone !== undefined && others.length === 0
  if (isWhole && hadAll(lone.host)) return before!
  if (isWhole && before === undefined && hasAll(base, lone.host)) return base.parts.map(part => part.backend)
  return backendsFor(view, base, { shares, before, keepsIdle, keepsOthers: true })
}

/** Whether a rule is somebody's own arrangement, which the split leaves as it is. */
const isApart = (reading: RouteReading, base: RoutedRule, split: WantedSplit): boolean =>
  isLeftAlone(
    reading,
    {
      parts: base.parts,
      singlesOut: singlesOut(base),
      isOnCanary: backendsBefore(base.route, reading.service, base.key) !== undefined,
    },
    split,
  )

/** The rules that a split leaves as they are, as notes. */
export const unchangedNotes = (
  reading: RouteReading,
  bases: readonly RoutedRule[],
  split: WantedSplit,
): readonly Note[] =>
  bases
    .filter(base => isApart(reading, base, split))
    .map(base => ({ kind: 'route-unchanged', object: refOf(base.route), place: placeOf(base) }))
