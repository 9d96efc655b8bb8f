import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { deleteNamespace } from './clean-demo.ts'
import { demoLabel, demoObjects } from './demo-objects.ts'
import { nameOfCluster, readDemoNamespace, refuseOthers, type LiveDemo } from './demo-namespace.ts'

/** Throws a CanaryError `refused` where the namespace is there, whoever made it. */
export async function requireFree(demo: LiveDemo): Promise<void> {
  const object = await readDemoNamespace(demo)
  if (object === undefined) return
  refuseOthers(object)
  throw new CanaryError('refused', `Namespace ${demo.namespace} is there from an earlier demo`, {
    hints: [`Remove it first: ${demo.clean}`, 'Or name another one: kubectl canary demo --live -n NAME'],
  })
}

/** Throws a CanaryError `refused` where the cluster does not serve the kinds of Istio that the demo has. */
export async function requireIstio({ store, cluster }: LiveDemo): Promise<void> {
  const { status } = await store.request!({ path: '/apis/networking.istio.io' })
  if (status !== 404) return
  throw new CanaryError(
    'refused',
    `the cluster ${nameOfCluster(cluster)} has no kinds of networking.istio.io`,
    {
      hints: [
        'Install Istio, or its kinds alone, which are enough for the demo:',
        `helm install istio-base base --repo https://istio-release.storage.googleapis.com/charts -n istio-system --create-namespace${helmFlags(cluster.context)}`,
        'Without a cluster: kubectl canary demo',
      ],
    },
  )
}

const helmFlags = (context: string): string => (context === '' ? '' : ` --kube-context ${context}`)

/** Makes the namespace and what is in it; where an object cannot be made, the namespace is deleted again. */
export async function makeDemo(demo: LiveDemo, image: string): Promise<void> {
  const { store, namespace, clean } = demo
  const labels = { [demoLabel]: 'true', 'app.kubernetes.io/managed-by': 'kubectl-canary' }
  const object: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }
  await store.apply([{ after: object }], { dryRun: 'none' })
  try {
    const objects = await demoObjects(namespace, image)
    await store.apply(
      objects.map(after => ({ after })),
      { dryRun: 'none' },
    )
  } catch (error) {
    await takeBack(demo)
    throw error
  }

  async function takeBack(made: LiveDemo): Promise<void> {
    const left = await readDemoNamespace(made).catch(() => undefined)
    if (left === undefined) return
    await deleteNamespace(made, left).catch((error: unknown) => {
      throw new CanaryError(
        'half-written',
        `Namespace ${namespace} is made, but not what belongs into it, and it cannot be deleted: ${(error as Error).message}`,
        {
          hints: [`Remove it: ${clean}`],
          cause: error,
        },
      )
    })
  }
}
