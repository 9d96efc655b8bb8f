import { fileKinds } from '../../objects/kinds.ts'
import type { Labels } from '../../objects/kube-object.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { backingKinds, isPutOnAtRunTime } from '../../workloads/workload-indexes.ts'
import type { RestsOn } from '../rule.ts'

/** Label values that an API server takes in a selector. */
const plainLabel = /^[\w./-]*$/

/** The workloads of a Service; of pods those that a selector with these labels would select, whoever made them and added labels. */
export function workloadsOf({ selector, namespace }: HostProvider, labels: Labels): readonly RestsOn[] {
  const asked = Object.entries({ ...selector, ...labels }).filter(([key]) => !isPutOnAtRunTime(key))
  const isPlain = selector !== undefined && asked.flat().every(word => plainLabel.test(word))
  return backingKinds
    .filter(kind => !fileKinds.has(kind))
    .map((kind): RestsOn => ({
      kind,
      namespace,
      ...(kind === 'Pod' && isPlain ? { labels: Object.fromEntries(asked) } : {}),
    }))
}
