import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { Workload } from '../../../../shared/objects/core.ts'
import { fieldsOf, itemsOf, labelsOf, textOf } from '../../../../shared/objects/unchecked.ts'
import type { Session } from '../../../session.ts'
import type { LiveDemo } from './demo-namespace.ts'

const lookEvery = 1000

/**
 * Waits until each Deployment of the demo has a ready pod: the plugin sends no requests to a version without
 * one. Throws a CanaryError `timeout` that says why they have none.
 */
export async function waitForPods(session: Session, demo: LiveDemo): Promise<void> {
  const { readyTimeout } = session.flags.writing
  let said = -1
  for (let waited = 0; ; waited += lookEvery) {
    const deployments = await deploymentsOf(demo)
    const late = deployments.filter(({ status }) => (status?.readyReplicas ?? 0) === 0)
    if (deployments.length > 0 && late.length === 0) return
    const ready = deployments.length - late.length
    if (ready > said)
      session.note(`Waiting for the pods: ${ready} of ${deployments.length} Deployments are ready.`)
    said = ready
    if (waited >= readyTimeout) throw await tooLate(demo, late, readyTimeout)
    await session.streams.wait(lookEvery)
  }
}

async function deploymentsOf({ store, namespace }: LiveDemo): Promise<readonly Workload[]> {
  const { view } = await store.read({ namespaces: [namespace], kinds: ['Deployment'] })
  return view.list('Deployment', namespace)
}

async function tooLate(demo: LiveDemo, late: readonly Workload[], after: number): Promise<CanaryError> {
  const { namespace, cluster, clean } = demo
  const names = late.map(({ metadata }) => `Deployment ${metadata.name}`).join(', ')
  const have = late.length === 1 ? 'has' : 'have'
  return new CanaryError(
    'timeout',
    `after ${after / 1000} s ${names} in namespace ${namespace} ${have} no ready pod: ${await reasonOf(demo, late[0])}`,
    {
      hints: [
        `Look at the pods: kubectl get pods -n ${namespace}${cluster.flags}`,
        `Remove the namespace: ${clean}`,
        'Then start again with another image (--image) or more time (--ready-timeout 5m).',
      ],
    },
  )
}

/** Why a Deployment has no ready pod, as far as the cluster says it. */
async function reasonOf({ store, namespace }: LiveDemo, deployment: Workload | undefined): Promise<string> {
  if (deployment === undefined) return 'there is no Deployment any more'
  const answer = await store.request!({ path: `/api/v1/namespaces/${namespace}/pods` })
  const pods = answer.status === 200 ? itemsOf(fieldsOf(JSON.parse(answer.text))['items']) : []
  const wanted = Object.entries(deployment.spec.selector?.matchLabels ?? {})
  const pod = pods.map(fieldsOf).find(({ metadata }) => {
    const labels = labelsOf(fieldsOf(metadata)['labels'])
    return wanted.every(([key, value]) => labels[key] === value)
  })
  return pod === undefined
    ? (conditionOf(deployment, 'ReplicaFailure') ?? 'there is no pod of it')
    : reasonOfPod(pod)
}

function reasonOfPod(pod: ReturnType<typeof fieldsOf>): string {
  const status = fieldsOf(pod['status'])
  const waiting = itemsOf(status['containerStatuses'])
    .map(container => fieldsOf(fieldsOf(fieldsOf(container)['state'])['waiting']))
    .find(({ reason }) => reason !== undefined)
  if (waiting !== undefined)
    return [waiting['reason'], waiting['message']].flatMap(said => textOf(said) ?? []).join(': ')
  const name = textOf(fieldsOf(pod['metadata'])['name']) ?? ''
  return (
    conditionOf(pod, 'PodScheduled')
    ?? `Pod ${name} is ${textOf(status['phase']) ?? 'not started'}, and no node says why`
  )
}

/** What a condition says, where it says something. */
function conditionOf(object: object, type: string): string | undefined {
  const found = itemsOf(fieldsOf(Reflect.get(object, 'status'))['conditions'])
    .map(fieldsOf)
    .find(condition => condition['type'] === type && condition['message'] !== undefined)
  return textOf(found?.['message'])
}
