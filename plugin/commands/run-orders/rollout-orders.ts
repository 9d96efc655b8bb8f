import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Workload } from '../../../shared/objects/core.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { serviceWord, shellWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { controllerOf, namespaceOf } from '../../../shared/objects/kube-object.ts'
import { refuseOwned } from '../../../shared/routing/provider.ts'
import { rolloutOf, isInProgress } from '../../../shared/workloads/deployment-rollouts.ts'
import { formatRolloutPods } from '../../print/rollouts/deployment-rollout.ts'
import { readPlainService } from '../../read/plain/plain-service.ts'
import { requireRolloutAllowed } from './rollout-allowed.ts'
import type { Session } from '../../session.ts'

/** What a rollout is told. */
export type RolloutOrder = 'pause' | 'resume'

/**
 * Holds the rollout of the Deployment behind a Service, or lets it go on, where the pods are all that divides the
 * requests of that Service; false where they are not. Throws a CanaryError `ambiguous` where several could be meant.
 */
export async function orderRollout(
  session: Session,
  typed: string | undefined,
  { order, force = false }: { readonly order: RolloutOrder; readonly force?: boolean | undefined },
): Promise<boolean> {
  if (typed === undefined) return false
  const found = await readPlainService(await session.store(), typed, {
    namespace: session.flags.namespace,
    ...session.typed,
  })
  if (found === undefined) return false
  const { service, deployments } = found
  const deployment = meantOf(deployments, { order, service: service.name })
  if (deployment === undefined) return false
  if (session.flags.writing.emitPatch !== undefined)
    throw new CanaryError('usage', '--emit-patch cannot be used with the rollout of a Deployment', {
      hints: ['To see what would happen: --dry-run=server'],
    })
  const owner = controllerOf(deployment)
  if (owner !== undefined)
    refuseOwned({ object: deployment, owner: `${owner.kind} ${namespaceOf(deployment)}/${owner.name}` })
  const isPaused = deployment.spec.paused === true
  const isNew = isPaused !== (order === 'pause')
  if (isNew) {
    const store = await session.store()
    // As kubectl, without the version that was read: it changes with every pod of the rollout.
    const { resourceVersion: _, ...metadata } = deployment.metadata
    const before = { ...deployment, metadata }
    const change = { before, after: ordered(before, order) }
    await requireRolloutAllowed(session, {
      change,
      plain: found,
      force,
      isForward: order === 'resume',
      inFiles: `Set spec.paused: ${order === 'pause'} in the files that it applies.`,
    })
    await store.apply([change], { dryRun: session.flags.dryRun })
  }
  session.say(sentence(deployment, { order, isNew, service: service.name }))
  return true
}

function ordered(deployment: Workload, order: RolloutOrder): Workload {
  const { paused: _, ...spec } = deployment.spec
  return { ...deployment, spec: order === 'pause' ? { ...spec, paused: true } : spec }
}

interface Asked {
  readonly order: RolloutOrder
  readonly service: string
}

/** The one Deployment behind the Service, else the only one whose rollout can be held, or is. */
function meantOf(deployments: readonly Workload[], { order, service }: Asked): Workload | undefined {
  if (deployments.length < 2) return deployments[0]
  const isMeant = (each: Workload): boolean =>
    order === 'pause' ? isInProgress(rolloutOf(each)) && each.spec.paused !== true : each.spec.paused === true
  const meant = deployments.filter(isMeant)
  if (meant.length === 1) return meant[0]
  const names = (meant.length > 0 ? meant : deployments).map(each => refOf(each))
  throw new CanaryError(
    'ambiguous',
    `${names.length} Deployments are behind ${service}: ${names.map(keyOf).join(', ')}`,
    {
      hints: [
        'Choose one:',
        ...names.map(
          ({ name, namespace }) =>
            `  kubectl rollout ${order} deployment ${shellWord(name)} -n ${shellWord(namespace)}`,
        ),
      ],
    },
  )
}

function sentence(
  deployment: Workload,
  { order, isNew, service }: Asked & { readonly isNew: boolean },
): string {
  const { name } = deployment.metadata
  const pods = formatRolloutPods(rolloutOf(deployment))
  if (order === 'pause')
    return `${service}: the rollout of Deployment ${name} is paused (${isNew ? pods : 'unchanged'}); to continue: kubectl canary resume ${serviceWord(service)} -n ${namespaceOf(deployment)}`
  return `${service}: the rollout of Deployment ${name} continues (${isNew ? pods : 'unchanged: it was not paused'})`
}
