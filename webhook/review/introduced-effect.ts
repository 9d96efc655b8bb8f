import { keyOf } from '../../shared/objects/kube-object.ts'
import { toolOfManager } from '../../shared/objects/owners/owner-marks.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { isAskedFromElsewhere, isRouting } from './asked-from-elsewhere.ts'
import { isMultiCluster } from './multi-cluster.ts'
import { isFixedByOwner, ownedChange } from './owners/same-owner.ts'
import { modeOf, type Leniency, type Mode, type ReviewSettings } from './settings.ts'

/** What a finding that a change introduces leads to; `defer` is a warning that is looked at again later. */
export type Effect = Mode | 'defer'

/** A request and what is known of its change. */
interface Asked {
  readonly request: AdmissionRequest
  readonly change: Change
  readonly leniency: Leniency
}

/**
 * The effect of what a change introduces: no denial for what only other namespaces ask, nor for what the tool
 * that makes the change fixes with the objects that it applies next.
 */
export function introducedEffect(
  { request, change, leniency }: Asked,
  { view, settings }: { readonly view: ClusterView; readonly settings: ReviewSettings },
): (finding: Finding) => Effect {
  const { crossNamespace } = settings
  const owned = ownedChange(request, change)
  return finding => {
    const mode = modeOf(finding, settings, leniency)
    if (mode !== 'deny') return mode
    if (request.isScaling === true || isOfBatch(finding, request, change)) return 'warn'
    // A workload that is missing here may be in another cluster.
    if (finding.absent === 'workload' && isMultiCluster(view, settings.mesh?.multiCluster)) return 'warn'
    if (isAskedFromElsewhere(finding, change, { crossNamespace, mesh: view.mesh })) return 'warn'
    return owned !== undefined && isFixedByOwner(finding, owned, { view, crossNamespace }) ? 'defer' : mode
  }
}

/**
 * Whether a deploy tool tries a whole batch, of which another object may fix the finding: the write that follows,
 * when those objects are applied, is judged in full.
 */
function isOfBatch(
  { ref, restsOn = [] }: Finding,
  { dryRun, fieldManager }: AdmissionRequest,
  change: Change,
): boolean {
  if (!dryRun || toolOfManager(fieldManager) === undefined) return false
  const written = changedRef(change)
  return keyOf(ref) !== keyOf(written) || (isRouting(written.kind) && restsOn.length > 0)
}
