import type { KubeObject, Labels } from '../../objects/kube-object.ts'
import { refOf } from '../../objects/kinds.ts'
import { scaleCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf } from '../../objects/unchecked.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { backingsBehind } from '../../providers/istio/resolve/endpoints.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { mayMatch } from '../../workloads/backings.ts'
import type { Violation } from '../rule.ts'

/**
 * One replica for a workload behind a host that has some labels and is scaled to zero; undefined where none is, or
 * nothing of it says its replicas (a pod that has ended, a Job between its runs).
 */
export function scalingUp(
  view: ClusterView,
  provider: HostProvider,
  labels: Labels,
): Pick<Violation, 'fix' | 'sets'> | undefined {
  const asleep = backingsBehind(view, provider)?.find(
    backing => mayMatch(labels, backing.labels) && isScaledToZero(backing.object),
  )
  if (asleep?.object === undefined) return undefined
  const ref = refOf(asleep.object)
  return { fix: scaleCommand(ref, 1), sets: { ref, path: ['spec', 'replicas'], value: 1 } }
}

const isScaledToZero = (object: KubeObject | undefined): boolean =>
  object !== undefined && fieldsOf(Reflect.get(object, 'spec'))['replicas'] === 0
