import type { Cluster } from './cluster.ts'

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string }
    readonly status?: { readonly phase?: string }
  }[]
}

/** Nothing runs the pods, so they are said to be ready: otherwise no version could be sent traffic without --force. */
export async function makePodsReady(cluster: Cluster): Promise<void> {
  const { items } = (await cluster.expect('/api/v1/pods')) as PodList
  for (const {
    metadata: { name, namespace },
  } of items.filter(({ status }) => status?.phase !== 'Running')) {
    await cluster.request(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
    })
  }
}

/** Keeps all pods ready while some work is done. */
export async function withReadyPods<T>(cluster: Cluster, work: () => Promise<T>): Promise<T> {
  const alive = setInterval(() => void makePodsReady(cluster).catch(() => undefined), 200)
  try {
    return await work()
  } finally {
    clearInterval(alive)
  }
}
