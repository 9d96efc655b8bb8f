import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../../cluster/cluster.ts'

export const container = { name: 'smoke', image: 'smoke:1', args: ['--target={{ service }}-{{ version }}'] }
export const jobSpec = {
  backoffLimit: 1,
  template: { spec: { restartPolicy: 'Never', containers: [container] } },
}

export interface FoundJob extends KubeObject {
  readonly spec: {
    readonly backoffLimit: number
    readonly ttlSecondsAfterFinished: number
    readonly activeDeadlineSeconds: number
    readonly template: { readonly spec: { readonly containers: readonly (typeof container)[] } }
  }
  readonly status?: { readonly startTime?: string; readonly conditions?: readonly unknown[] }
}

export const jobsIn = async (cluster: Cluster, namespace: string): Promise<readonly FoundJob[]> =>
  (
    (await cluster.expect(`/apis/batch/v1/namespaces/${namespace}/jobs`)) as {
      readonly items: readonly FoundJob[]
    }
  ).items

/** Ends the Jobs of a namespace that have not ended, as the Job controller does; gives them as they were found. */
export async function endJobs(
  cluster: Cluster,
  namespace: string,
  end: 'Complete' | 'Failed',
): Promise<readonly FoundJob[]> {
  const open = (await jobsIn(cluster, namespace)).filter(
    ({ status }) => (status?.conditions ?? []).length === 0,
  )
  const now = new Date().toISOString()
  const types = end === 'Complete' ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed']
  const conditions = types.map(type => ({
    type,
    status: 'True',
    lastTransitionTime: now,
    ...(end === 'Failed' && {
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }),
  }))
  for (const { metadata, status } of open)
    await cluster.expect(`/apis/batch/v1/namespaces/${namespace}/jobs/${metadata.name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: {
        status: {
          startTime: status?.startTime ?? now,
          active: 0,
          ready: 0,
          ...(end === 'Complete' ? { completionTime: now, succeeded: 1 } : { failed: 2 }),
          conditions,
        },
      },
    })
  return open
}
