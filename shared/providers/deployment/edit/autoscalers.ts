import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { patchCommand } from '../../../objects/text/kubectl-commands.ts'
import type { PodReading } from '../read/reading.ts'
import { replicasOf, type Scaling } from './pods-wanted.ts'

/**
 * Throws a CanaryError `refused` where a HorizontalPodAutoscaler would set the replicas back. It leaves a Deployment
 * without replicas alone (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation),
 * and one that is bound to the very number agrees.
 */
export function requireNoAutoscaler(
  { view, service: { namespace } }: PodReading,
  scalings: readonly Scaling[],
  command: string,
): void {
  const autoscalers = view.list('HorizontalPodAutoscaler', namespace)
  const held = scalings.flatMap(({ before, replicas }) => {
    if (replicas === 0 || replicas === replicasOf(before)) return []
    const found = autoscalers.find(
      ({ spec }) =>
        spec?.scaleTargetRef?.kind === 'Deployment' && spec.scaleTargetRef.name === before.metadata.name,
    )
    const { minReplicas = 1, maxReplicas = 1 } = found?.spec ?? {}
    return found === undefined || (minReplicas === replicas && maxReplicas === replicas)
      ? []
      : [{ before, replicas, ref: refOf(found) }]
  })
  const [first] = held
  if (first === undefined) return
  throw new CanaryError(
    'refused',
    `${keyOf(first.ref)} scales Deployment ${namespace}/${first.before.metadata.name} and would set ${first.replicas} replicas back`,
    {
      hints: [
        'Bind it to that number for the time of the canary, then repeat this command:',
        ...held.map(
          ({ ref, replicas }) =>
            `  ${patchCommand(ref, 'merge', { spec: { minReplicas: replicas, maxReplicas: replicas } })}`,
        ),
        `  kubectl canary ${command.replace(/^kubectl canary /, '')}`,
      ],
    },
  )
}
