import type { KubeObject } from '../../objects/kube-object.ts'
import { isKind } from '../../objects/kinds.ts'
import { fieldsOf, itemsOf, labelsOf } from '../../objects/unchecked.ts'

/** What a workload's pods are made of. */
export function podOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return isKind('Pod', object)
    ? fieldsOf(object)
    : fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['template'])
}

/** Whether a workload is a proxy of its own: a gateway or a waypoint, and so not a sidecar. */
export function isGatewayProxy(object: KubeObject): boolean {
  const { metadata, spec } = podOf(object)
  const { labels, annotations } = fieldsOf(metadata)
  const own = labelsOf(labels)
  if (
    labelsOf(annotations)['inject.istio.io/templates'] === 'gateway'
    || own['gateway.networking.k8s.io/gateway-name'] !== undefined
    || own['gateway.istio.io/managed'] !== undefined
  )
    return true
  const containers = itemsOf(fieldsOf(spec)['containers']).map(fieldsOf)
  return containers.length === 1 && containers[0]!['name'] === 'istio-proxy'
}

/** Whether a workload's pods use the network of their node, where no proxy can be put in front of them. */
export const isOnHostNetwork = (object: KubeObject): boolean =>
  fieldsOf(podOf(object)['spec'])['hostNetwork'] === true
