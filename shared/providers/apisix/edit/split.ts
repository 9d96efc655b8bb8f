import type { ApisixBackend } from '../../../objects/apisix/apisix-route.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { isEqual } from '../../../objects/content/equal.ts'
import type { Note } from '../../../routing/note.ts'
import type { WantedSplit } from '../../../routing/wanted.ts'
import type { VersionServices } from '../../../workloads/ensure-services.ts'
import { hostOfService, versionOfHost } from '../../../workloads/service-versions.ts'
import type { ApisixReading } from '../read/reading.ts'
import { backendsBefore } from '../read/record.ts'
import { singlesOut, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { placeOf } from '../read/traffic.ts'
import { weightOf } from '../resolve/rules.ts'
import { backendsFor } from './backends.ts'
import { withBackends, type ApisixDraft } from './route-draft.ts'

/** A split that is to be set, and whether it ends the canary. */
export interface AskedSplit {
  readonly split: WantedSplit
  readonly services: VersionServices
  readonly endsCanary: boolean
}

/** The split at base rules of one route. */
export function setSplit(
  reading: ApisixReading,
  draft: ApisixDraft,
  { bases, ...asked }: AskedSplit & { readonly bases: readonly ApisixRoutedRule[] },
): ApisixDraft {
  const changed = bases
    .filter(base => !isLeftAlone(reading, base, asked.split))
    .map(base => ({ base, backends: backendsOfSplit(reading, { ...base, route: draft.route }, asked) }))
    .filter(({ base, backends }) => !isEqual(base.rule.backends, backends))
  return changed.length === 0 ? draft : withBackends(draft, reading.service, changed)
}

/**
 * The backends of a rule by a split. A canary that ends with everything at the version that had everything before
 * it leaves the rule as it was.
 */
function backendsOfSplit(
  { view, service, complete }: ApisixReading,
  base: ApisixRoutedRule,
  { split, services, endsCanary }: AskedSplit,
): readonly ApisixBackend[] {
  const shares = split.shares.map(({ version, percent }) => ({ host: services.hostFor(version), percent }))
  const before = backendsBefore(base.route, service, base.key)
  const [lone, ...others] = shares.filter(({ percent }) => percent > 0)
  const hostOf = ({ serviceName = '' }: ApisixBackend): string =>
    serviceHost(serviceName, namespaceOf(base.route), view.mesh.clusterDomain)
  const isTaking = (each: ApisixBackend): boolean => before?.length === 1 || weightOf(each) > 0
  const hadAll = (host: string): boolean =>
    before?.every(each => isTaking(each) === (hostOf(each) === host)) === true
    && before.some(each => hostOf(each) === host)
  if (endsCanary && lone !== undefined && others.length === 0 && hadAll(lone.host)) return before!
  return backendsFor(view, base, { shares, before, complete })
}

/**
 * Whether a rule is somebody's own arrangement: it singles out some senders for other versions than those that the
 * split replaces, and the canary has not changed it.
 */
function isLeftAlone(
  { service, versions }: ApisixReading,
  base: ApisixRoutedRule,
  { replaces }: WantedSplit,
): boolean {
  const isOnCanary = backendsBefore(base.route, service, base.key) !== undefined
  if (replaces === undefined || !singlesOut(base) || isOnCanary) return false
  return !base.parts
    .filter(({ percent }) => percent > 0)
    .every(({ host }) => {
      const name = versionOfHost(versions, host)?.name
      return name === undefined ? host === hostOfService(service) : replaces.includes(name)
    })
}

/** The rules that a split leaves as they are, as notes. */
export const unchangedNotes = (
  reading: ApisixReading,
  bases: readonly ApisixRoutedRule[],
  split: WantedSplit,
): readonly Note[] =>
  bases
    .filter(base => isLeftAlone(reading, base, split))
    .map(base => ({ kind: 'route-unchanged', object: refOf(base.route), place: placeOf(base) }))
