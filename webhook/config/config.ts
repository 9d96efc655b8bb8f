import type { GuardedMesh } from '../cache/mesh-reader.ts'
import type { ReviewSettings } from '../review/settings.ts'

/** A complete configuration; docs/webhook.md explains each key. */
export interface GuardConfig extends ReviewSettings {
  /** The answer to a review that fails: malformed, out of time, or an internal error. */
  readonly onError: 'allow' | 'deny'
  /** Accept any positive sum of weights, as Istio does. */
  readonly relativeWeights: boolean
  /** Seconds until a look at what a release of a deploy tool broke for a moment; 0 for none. */
  readonly settleSeconds: number
  /** Overrides of the settings in the mesh's ConfigMap. */
  readonly mesh: GuardedMesh
  /** Seconds between two audits of the cluster; 0 for no audit. */
  readonly audit: { readonly intervalSeconds: number }
}

/** The values of keys that the file leaves out. */
export const defaultConfig: GuardConfig = {
  rules: {},
  absent: { subset: 'deny', host: 'warn', workload: 'deny' },
  crossNamespace: { deny: [] },
  // What Istio refuses itself is no use to exempt.
  exemptions: { allowed: 'anyone', never: ['istio-rejects'] },
  exemptUsers: [],
  onError: 'allow',
  relativeWeights: false,
  settleSeconds: 60,
  mesh: {},
  audit: { intervalSeconds: 600 },
}
