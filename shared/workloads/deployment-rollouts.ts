import type { Workload } from '../objects/core.ts'
import { isKind } from '../objects/kinds.ts'
import { fieldsOf, itemsOf, numberOf } from '../objects/unchecked.ts'
import type { RoutedService } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { backingsOfService } from './backings.ts'

/** How far a Deployment has replaced its pods by those of its present template. */
export interface DeploymentRollout {
  readonly deployment: string
  readonly namespace: string
  readonly wanted: number
  /** Pods of the present template, and those of earlier ones. */
  readonly updated: number
  readonly old: number
  readonly ready: number
  readonly available: number
  /** Its controller has seen the present template; until then the counts are of an earlier one. */
  readonly isObserved: boolean
  readonly paused: boolean
  /** No progress was made in `progressDeadlineSeconds`. */
  readonly stuck: boolean
}

/** The Deployments whose pods are behind a Service. */
export function deploymentsBehind(
  view: ClusterView,
  { name, namespace }: Pick<RoutedService, 'name' | 'namespace'>,
): readonly Workload[] {
  const service = view.get({ kind: 'Service', namespace, name })
  const backings = service === undefined ? [] : (backingsOfService(view, service) ?? [])
  return backings.flatMap(({ object }) =>
    object !== undefined && isKind('Deployment', object) ? [object] : [],
  )
}

/** How far the rollout of a Deployment is, as `kubectl rollout status` reads it. */
export function rolloutOf(deployment: Workload): DeploymentRollout {
  const [spec, status] = [fieldsOf(deployment.spec), fieldsOf(deployment.status)]
  const updated = numberOf(status['updatedReplicas']) ?? 0
  const { name, namespace = '', generation } = deployment.metadata
  return {
    deployment: name,
    namespace,
    wanted: numberOf(spec['replicas']) ?? 1,
    updated,
    old: Math.max(0, (numberOf(status['replicas']) ?? 0) - updated),
    ready: numberOf(status['readyReplicas']) ?? 0,
    available: numberOf(status['availableReplicas']) ?? 0,
    isObserved: (numberOf(status['observedGeneration']) ?? 0) >= (generation ?? 0),
    paused: spec['paused'] === true,
    stuck: itemsOf(status['conditions'])
      .map(fieldsOf)
      .some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'),
  }
}

/** The rollouts of the Deployments behind a Service. */
export const rolloutsOf = (view: ClusterView, service: RoutedService): readonly DeploymentRollout[] =>
  deploymentsBehind(view, service).map(rolloutOf)

/**
 * Whether a rollout is not over, by the conditions of `kubectl rollout status`: its template is not observed, not all pods are
 * updated, some are of an earlier template, or not all that are updated are available; or it is held
 * (k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go).
 */
export const isInProgress = (rollout: DeploymentRollout): boolean =>
  !rollout.isObserved
  || rollout.updated < rollout.wanted
  || rollout.old > 0
  || rollout.available < rollout.updated
  || rollout.paused
  || rollout.stuck
