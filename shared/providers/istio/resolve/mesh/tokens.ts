import type { RequestAuthentication } from '../../../../objects/istio.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, labelsOf } from '../../../../objects/unchecked.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { gatewayAt, gatewayClients, gatewayReadingOf } from '../gateways.ts'

/**
 * Whether some RequestAuthentication may let a gateway's proxies read tokens: one of their namespace or of the root
 * namespace whose selector they meet (getConfigsForWorkload of Istio). Where the proxies are not in view, one of any
 * namespace whose selector does not contradict that of the gateway.
 */
export function mayReadTokens(view: ClusterView, gateway: string): boolean {
  const object = gatewayAt(view, gateway)
  const selector = object === undefined ? {} : gatewayReadingOf(object).selector
  return view.list('RequestAuthentication').some(policy =>
    gatewayClients(view, gateway).some(proxy => {
      const isKnown = proxy.labels !== selector && Object.keys(proxy.labels).length > 0
      const isNear = [proxy.namespace, view.mesh.rootNamespace].includes(namespaceOf(policy))
      return (isNear || !isKnown) && hasRules(policy) && agrees(policy, proxy.labels, isKnown)
    }),
  )
}

/** A policy that is bound to other objects is for the proxies of Kubernetes' own gateways and waypoints. */
const hasRules = ({ spec }: RequestAuthentication): boolean => {
  const { jwtRules, targetRef, targetRefs } = fieldsOf(spec)
  return itemsOf(jwtRules).length > 0 && targetRef === undefined && itemsOf(targetRefs).length === 0
}

const agrees = (
  { spec }: RequestAuthentication,
  labels: Readonly<Record<string, string>>,
  isKnown: boolean,
): boolean =>
  Object.entries(labelsOf(fieldsOf(fieldsOf(spec)['selector'])['matchLabels'])).every(
    ([key, value]) => labels[key] === value || (!isKnown && labels[key] === undefined),
  )
