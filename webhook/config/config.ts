import type { MeshOverrides } from '../../shared/view/mesh.ts'
import type { ReviewSettings } from '../review/settings.ts'

/** The mesh that the guard looks after. */
export interface GuardedMesh extends MeshOverrides {
  /**
   * The revision of Istio whose settings count, from the ConfigMap `istio-<revision>`; those from `istio`
   * when left out.
   */
  readonly revision?: string | undefined
}

/** The configuration file with everything in it; docs/webhook.md explains each key. */
export interface GuardConfig extends ReviewSettings {
  /** What becomes of a review that cannot be judged: malformed, out of time, or our own fault. */
  readonly onError: 'allow' | 'deny'
  /** Accept any positive sum of weights, as Istio does. */
  readonly relativeWeights: boolean
  /** What the mesh's own ConfigMap does not say, or says otherwise than it should be taken. */
  readonly mesh: GuardedMesh
  /** Seconds from one audit of the cluster to the next; 0 for none. */
  readonly audit: { readonly everySeconds: number }
}

/** What holds where the file says nothing. */
export const defaultConfig: GuardConfig = {
  rules: {},
  absent: { subset: 'deny', host: 'warn', workload: 'deny' },
  exemptUsers: [],
  onError: 'allow',
  relativeWeights: false,
  mesh: {},
  audit: { everySeconds: 600 },
}
