import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../../shared/objects/unchecked.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { objectsOf } from '../../../providers/istio/resolve/corpus.ts'

/** The objects of a rule's example in namespaces of their own, with all that an API server asks of workloads. */
export async function worldIn(cluster: Cluster, example: string): Promise<readonly KubeObject[]> {
  const parsed = objectsOf(example)
  const namespaces = new Map<string, string>()
  for (const name of new Set(parsed.map(({ metadata }) => metadata.namespace!)))
    namespaces.set(name, await cluster.namespace())
  return parsed.map(object => {
    const { creationTimestamp: _, ...metadata } = object.metadata
    const moved = { ...object, metadata: { ...metadata, namespace: namespaces.get(metadata.namespace!)! } }
    const text = JSON.stringify(whole(moved)).replaceAll('cart.shop', `cart.${namespaces.get('shop')!}`)
    // References to other namespaces, as the Gateway API has them.
    const referring = [...namespaces].reduce(
      (said, [name, made]) => said.replaceAll(`"namespace":"${name}"`, `"namespace":"${made}"`),
      text,
    )
    return JSON.parse(referring) as KubeObject
  })
}

const containers = [{ name: 'c', image: 'c' }]

function whole(object: KubeObject): KubeObject {
  if (object.kind === 'Pod') return { ...object, spec: { containers } } as KubeObject
  const template = fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['template'])
  if (
    !['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'].includes(object.kind)
  )
    return object
  if (object.kind === 'ReplicationController')
    return { ...object, spec: { template: { ...template, spec: { containers } } } } as KubeObject
  const more = object.kind === 'StatefulSet' ? { serviceName: 'cart' } : {}
  return {
    ...object,
    spec: {
      selector: { matchLabels: { app: 'cart' } },
      ...more,
      template: { ...template, spec: { containers, ...fieldsOf(template['spec']) } },
    },
  } as KubeObject
}
