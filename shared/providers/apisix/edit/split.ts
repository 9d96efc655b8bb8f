import type { ApisixBackend } from '../../../objects/apisix/apisix-route.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { isEqual } from '../../../objects/content/equal.ts'
import type { Note } from '../../../routing/note.ts'
import type { WantedSplit } from '../../../routing/wanted.ts'
import { overlay } from '../../../view/overlay.ts'
import { fallsApart, isLeftAlone } from '../../../workloads/routes/divided-rule.ts'
import type { VersionServices } from '../../../workloads/ensure-services.ts'
import { serviceMeantBy } from '../read/applications.ts'
import { versionOfPart, type ApisixReading } from '../read/reading.ts'
import { backendsBefore } from '../read/record.ts'
import { singlesOut, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { placeOf } from '../read/traffic.ts'
import { backendsOf, weightOf } from '../resolve/rules.ts'
import { backendsFor } from './backends.ts'
import { finished, withBackends, type ApisixDraft } from './route-draft.ts'

/** A split that is to be set, and whether it ends the canary. */
export interface AskedSplit {
  readonly split: WantedSplit
  readonly services: VersionServices
  readonly endsCanary: boolean
}

/**
 * The split at base rules of one route. Where the versions would not be known as such any more, those without a
 * share stay with weight 0.
 */
export function setSplit(
  reading: ApisixReading,
  draft: ApisixDraft,
  { bases, ...asked }: AskedSplit & { readonly bases: readonly ApisixRoutedRule[] },
): ApisixDraft {
  const edited = bases.filter(base => !isApart(reading, base, asked.split))
  const split = (keepsIdle: boolean): ApisixDraft => {
    const changed = edited
      .map(base => ({
        base,
        backends: backendsOfSplit(reading, { ...base, route: draft.route }, { ...asked, keepsIdle }),
      }))
      .filter(({ base, backends }) => !isEqual(base.rule.backends, backends))
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
  reading: ApisixReading,
  base: ApisixRoutedRule,
  { split, services, endsCanary, keepsIdle }: AskedSplit & { readonly keepsIdle: boolean },
): readonly ApisixBackend[] {
  const { view, service, complete } = reading
  // A version without a share may have no Service.
  const shares = split.shares
    .filter(({ percent }) => percent > 0)
    .map(({ version, percent }) => ({ host: services.hostFor(version), percent }))
  const before = backendsBefore(base.route, service, base.key)
  const [lone, ...others] = shares
  const hostOf = (backend: ApisixBackend): string => {
    const host = serviceHost(backend.serviceName ?? '', namespaceOf(base.route), view.mesh.clusterDomain)
    const version = versionOfPart(reading, { host, backend })
    return version === undefined ? host : services.hostFor(version)
  }
  const isTaking = (each: ApisixBackend): boolean => before?.length === 1 || weightOf(each) > 0
  const hadAll = (host: string): boolean =>
    before?.every(each => isTaking(each) === (hostOf(each) === host)) === true
    && before.some(each => hostOf(each) === host)
  const isWhole = endsCanary && lone !== undefined && others.length === 0
  if (isWhole && hadAll(lone.host)) return before!
  if (isWhole && before === undefined && isAllOfFirst(base, part => hostOf(part) === lone.host))
    return backendsOf(base.rule)
  const how = { keepsIdle, takingFirst: endsCanary, keepsOthers: true }
  return backendsFor(view, base, { shares, before, complete, ...how })
}

/**
 * Whether all requests of a rule go to backends of one version, of which one is the first: without addresses of the first
 * a rule answers nothing.
 */
const isAllOfFirst = ({ parts }: ApisixRoutedRule, isIt: (backend: ApisixBackend) => boolean): boolean =>
  parts.every(
    ({ backend, percent }, i) => (backend !== undefined && isIt(backend)) || (percent === 0 && i > 0),
  )

/** Whether a rule is somebody's own arrangement, which the split leaves as it is. */
const isApart = (reading: ApisixReading, base: ApisixRoutedRule, split: WantedSplit): boolean =>
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
  reading: ApisixReading,
  bases: readonly ApisixRoutedRule[],
  split: WantedSplit,
): readonly Note[] =>
  bases
    .filter(base => isApart(reading, base, split))
    .map(base => ({ kind: 'route-unchanged', object: refOf(base.route), place: placeOf(base) }))
