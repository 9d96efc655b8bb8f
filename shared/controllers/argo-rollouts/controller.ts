import { refOf } from '../../objects/kinds.ts'
import type { KubeObject, Ref } from '../../objects/kube-object.ts'
import { routesOfRollout } from '../../objects/owners/rollout-routes.ts'
import { fieldsOf, labelsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import type { Controller, ControllerState } from '../../routing/controller.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { drive } from './drive.ts'
import { instead } from './instead.ts'
import { hashLabel, revisionsOf } from './revisions.ts'
import {
  formatStep,
  promotionOf,
  rolloutFields,
  servicesNamed,
  stepIndexOf,
  type RolloutFields,
} from './rollout.ts'
import { unreadRouters } from './routers.ts'
import { drivenServices, servicesOf } from './services.ts'

/** Argo Rollouts: https://argo-rollouts.readthedocs.io */
export const argoRollouts: Controller = {
  name: 'argo-rollouts',
  title: 'Argo Rollouts',
  kind: 'Rollout',
  reads: ['Rollout', 'Service', 'VirtualService', 'HTTPRoute', 'GRPCRoute', 'Deployment', 'ReplicaSet'],
  can: { step: true, full: true, abort: true, retry: true, pause: true, resume: true, undo: true },
  servicesOf,
  isUnderWay: rollout => !rolloutFields(rollout).isPromoted,
  versionsOf,
  partsOf: () => ({ kind: 'ReplicaSet', labelSelector: hashLabel }),
  state,
  drive,
  // It sets every edit of its routes back at its next look at them, also while it is paused.
  yields: () => undefined,
  instead,
}

function versionsOf(
  _: ClusterView,
  rollout: KubeObject,
): { readonly canary: readonly string[]; readonly stable: readonly string[] } {
  const fields = rolloutFields(rollout)
  const { canary, stable } = servicesNamed(fields)
  const labels = labelsOf(fieldsOf(fieldsOf(fields.spec['template'])['metadata'])['labels'])
  const texts = (...values: readonly unknown[]) => values.flatMap(value => textOf(value) ?? [])
  const { stableRS, currentPodHash } = fields.status
  const istio = fieldsOf(fieldsOf(fields.canary?.['trafficRouting'])['istio'])
  const rule = fieldsOf(istio['destinationRule'])
  return {
    canary: texts(
      fields.blueGreen === undefined ? 'canary' : 'preview',
      rule['canarySubsetName'],
      ...canary,
      labels['version'],
      fields.isPromoted ? undefined : currentPodHash,
    ),
    stable: texts(
      fields.blueGreen === undefined ? 'stable' : 'active',
      rule['stableSubsetName'],
      ...stable,
      stableRS,
    ),
  }
}

function state(view: ClusterView, rollout: KubeObject, parts: readonly KubeObject[]): ControllerState {
  const fields = rolloutFields(rollout)
  const { status, steps } = fields
  const phase = textOf(status['phase'])
  const index = phase === undefined ? undefined : stepIndexOf(fields)
  const message = textOf(status['message'])
  const weight = weightOf(fields)
  const [promotion, revisions] = [promotionOf(fields), revisionsOf(rollout, parts)]
  const unread = unreadRouters(rollout)
  return {
    controller: argoRollouts.title,
    object: refOf(rollout),
    phase: phase ?? 'unknown',
    ...(message !== undefined && { message }),
    ...(weight !== undefined && { weight }),
    ...(index !== undefined && { step: index + 1 }),
    ...(steps.length > 0 && { steps: steps.map(formatStep) }),
    held: fields.isPaused,
    ...(promotion !== undefined && { promotion }),
    services: drivenServices(fields, revisions),
    revisions,
    gates: [],
    routes: routesOf(view, rollout),
    ...(unread.length > 0 && { unreadRouters: unread }),
  }
}

/**
 * What the canary gets, in percent: what the controller has set (`status.canary.weights`), else what its steps say up
 * to now (utils/replicaset/canary.go, GetCurrentSetWeight); unknown for blue/green.
 */
function weightOf(fields: RolloutFields): number | undefined {
  const { canary, steps, status } = fields
  if (canary === undefined || fields.isPromoted) return undefined
  const set = numberOf(fieldsOf(fieldsOf(fieldsOf(status['canary'])['weights'])['canary'])['weight'])
  if (set !== undefined) return set
  if (fields.isAborted) return 0
  const index = stepIndexOf(fields)
  if (index === undefined) return undefined
  return steps
    .slice(0, index + 1)
    .flatMap(step => numberOf(step['setWeight']) ?? [])
    .at(-1)
}

/** The routes that it names, as far as they are there. */
const routesOf = (view: ClusterView, rollout: KubeObject): readonly Ref[] =>
  routesOfRollout(rollout).filter(ref => view.get(ref) !== undefined)
