/** Objects whose kinds have the names of kinds that we read, in other groups. */
import type { KubeObject } from '../../shared/objects/kube-object.ts'

const typed = (apiVersion: string, kind: string, spec: object): KubeObject =>
  ({ apiVersion, kind, metadata: { name: 'catalog', namespace: 'shop' }, spec }) as KubeObject

/** An Istio Gateway and a Gateway of the Gateway API, with one name. */
export const istioGateway = typed('networking.istio.io/v1', 'Gateway', {
  selector: { istio: 'ingressgateway' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
})
export const apiGateway = typed('gateway.networking.k8s.io/v1', 'Gateway', {
  gatewayClassName: 'istio',
  listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
})

/** A Service of Kubernetes and a Service of Knative, with one name. */
export const coreService = typed('v1', 'Service', {
  selector: { app: 'catalog' },
  ports: [{ name: 'http', port: 80 }],
})
export const knativeService = typed('serving.knative.dev/v1', 'Service', {
  template: { spec: { containers: [{ image: 'catalog' }] } },
})
