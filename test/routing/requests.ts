import { RE2JS } from 're2js'
import { cachedRegex } from '../../shared/routing/text-test.ts'
import type { Labels } from '../../shared/objects/kube-object.ts'
import type { Request } from '../../shared/routing/request/request.ts'

/** The engine that the programs use, too. */
export const re2 = cachedRegex(pattern => {
  const compiled = RE2JS.compile(pattern)
  return text => compiled.matches(text)
})

/** A request of a workload in the namespace web, `GET /` on port 80 unless something else is said. */
export const requestTo = (host: string, rest: Partial<Request> = {}): Request => ({
  caller: workload('web'),
  host,
  port: 80,
  method: 'GET',
  path: '/',
  headers: {},
  ...rest,
})

/** A workload that calls. */
export const workload = (namespace: string, labels: Labels = {}): Request['caller'] => ({
  kind: 'workload',
  namespace,
  labels,
})

/** The ingress gateway of Istio's own namespace. */
export const ingress: Request['caller'] = {
  kind: 'gateway',
  namespace: 'istio-system',
  labels: { istio: 'ingressgateway' },
}
