import type { Workload } from '../../../shared/objects/core.ts'
import { readers } from '../../../shared/providers/readers.ts'
import { controlledOf } from '../../../shared/plan/controllers/controlled.ts'
import { parseService } from '../../../shared/plan/find/parse-service.ts'
import type { RoutedService } from '../../../shared/routing/service.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { inSession } from '../../../shared/view/session.ts'
import { deploymentsBehind } from '../../../shared/workloads/deployment-rollouts.ts'
import type { Store } from '../../../shared/view/store.ts'
import { readForCommand, type CommandScope } from '../read-for-command.ts'

/** A Service that no routing API routes, on a cluster without Istio, and the Deployments behind it. */
export interface PlainService {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly deployments: readonly Workload[]
}

/**
 * The Service that was typed, where its pods are all that divides its requests; undefined where something routes it, or
 * may be meant to.
 */
export async function readPlainService(
  store: Store,
  typed: string,
  words: Pick<CommandScope, 'namespace' | 'command'>,
): Promise<PlainService | undefined> {
  if (!(await isWithoutIstio(store))) return undefined
  const { view, target } = await readForCommand(store, { ...words, service: typed })
  const seen = inSession(view)
  const service = parseService(typed, { namespace: target.namespace, view: seen })
  if (readers.some(reader => reader.isLast !== true && reader.isRouted(seen, service))) return undefined
  // A controller drives its own rollouts.
  if (controlledOf(seen, service).length > 0) return undefined
  return { view: seen, service, deployments: deploymentsBehind(seen, service) }
}

/** Whether the cluster serves none of Istio's routing kinds; false for files, and where it does not say. */
async function isWithoutIstio(store: Store): Promise<boolean> {
  const answer = await store.request?.({ path: '/apis/networking.istio.io' })
  return answer?.status === 404
}
