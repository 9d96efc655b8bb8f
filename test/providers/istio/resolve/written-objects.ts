/** A Service of the namespace shop, from its name and the fields of its spec. */
export const service = (name: string, rest: string): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ${rest} }\n`
/** A pod of the namespace shop that carries an app and a version label. */
export const pod = (app: string, version: string): string =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${app}-${version}, namespace: shop, labels: { app: ${app}, version: ${version} } }\nspec: { containers: [] }\n`
/** An object of Istio, from its kind, its `namespace/name` and its spec. */
export const istio = (kind: string, name: string, spec: string): string => {
  const [namespace, own] = name.split('/')
  return `---\napiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${own}, namespace: ${namespace} }\nspec: ${spec}\n`
}
/** The `ports` field of a Service with one http port. */
export const http = (port: number): string => `ports: [{ name: http, port: ${port} }]`
/** A Service on port 8080 with one pod of version v1. */
export const cart = service('cart', `${http(8080)}, selector: { app: cart }`) + pod('cart', 'v1')
/** A Service on port 80 with one pod of version v1. */
export const front = service('front', `${http(80)}, selector: { app: front }`) + pod('front', 'v1')
/** The subset stable of {@link cart}. */
export const stable = istio(
  'DestinationRule',
  'shop/cart',
  '{ host: cart, subsets: [{ name: stable, labels: { version: v1 } }] }',
)
