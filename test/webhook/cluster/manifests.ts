/** Manifests of a service `catalog` and its canary, as text for kubectl. */

export const service = `
apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
`
export const destinationRule = (subsets: readonly string[]): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog }
spec:
  host: catalog
  subsets: [${subsets.map(name => `{ name: ${name}, labels: { version: ${name} } }`).join(', ')}]
`
/** A VirtualService that splits between v1 and v2. */
export const route = (v1: number, v2: number, { version = 'v1', metadata = '' } = {}): string => `
apiVersion: networking.istio.io/${version}
kind: VirtualService
metadata: { name: catalog, ${metadata} }
spec:
  hosts: [catalog]
  http:
  - route:
    - { destination: { host: catalog, subset: v1 }, weight: ${v1} }
    - { destination: { host: catalog, subset: v2 }, weight: ${v2} }
`
/** A VirtualService with one destination, whose weight does nothing. */
export const idleWeight = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog, subset: v1 }, weight: 90 }] }] }
`
export const all = (...manifests: readonly string[]): string => manifests.join('---')
