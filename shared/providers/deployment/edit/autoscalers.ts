import type { HorizontalPodAutoscaler } from '../../../objects/autoscaling.ts'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { Workload } from '../../../objects/core.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { patchCommand, settingOf } from '../../../objects/text/kubectl-commands.ts'
import type { Note } from '../../../routing/note.ts'
import type { PodReading } from '../read/reading.ts'
import { replicasOf, type Scaling } from './pods-wanted.ts'

/**
 * Throws a CanaryError `refused` where a HorizontalPodAutoscaler would set the replicas back. It leaves a Deployment
 * without replicas alone
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#implicit-maintenance-mode-deactivation),
 * and one whose bounds are exactly this number agrees.
 */
export function requireNoAutoscaler(
  { view, complete, service: { namespace } }: PodReading,
  scalings: readonly Scaling[],
  command: string,
): void {
  const autoscalers = view.list('HorizontalPodAutoscaler', namespace)
  const held = scalings.flatMap(({ before, replicas }) => {
    if (replicas === 0 || replicas === replicasOf(before)) return []
    const found = autoscalers.find(isOf(before))
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
            `  ${settingOf(ref, { minReplicas: replicas, maxReplicas: replicas }, { complete })}`,
        ),
        `  kubectl canary ${command.replace(/^kubectl canary /, '')}`,
      ],
    },
  )
}

const isOf =
  ({ metadata: { name } }: Workload) =>
  ({ spec }: HorizontalPodAutoscaler): boolean =>
    spec?.scaleTargetRef?.kind === 'Deployment' && spec.scaleTargetRef.name === name

/** Whether an autoscaler decides how many pods a Deployment has. */
export const isScaledByLoad = ({ view, service }: PodReading, { before, replicas }: Scaling): boolean =>
  replicas > 0 && view.list('HorizontalPodAutoscaler', service.namespace).some(isOf(before))

/**
 * The notes for autoscalers whose bounds were set for the canary and keep stable below the replicas that it had. An
 * abort is not refused because of them, and does not change them.
 */
export function heldNotes({ view, service }: PodReading, scalings: readonly Scaling[]): readonly Note[] {
  return scalings.flatMap(({ before, replicas }): readonly Note[] => {
    const now = replicasOf(before)
    const found = view.list('HorizontalPodAutoscaler', service.namespace).find(isOf(before))
    if (found === undefined || now === 0 || (found.spec.maxReplicas ?? 1) >= replicas) return []
    const bounds = { minReplicas: replicas, maxReplicas: replicas }
    return [
      {
        kind: 'autoscaler-holds',
        object: refOf(found),
        deployment: before.metadata.name,
        pods: now,
        before: replicas,
        fix: patchCommand(refOf(found), 'merge', { spec: bounds }),
        edit: `set its minReplicas and maxReplicas to ${replicas}, or to what they were.`,
      },
    ]
  })
}
