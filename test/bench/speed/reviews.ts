/** Reviews of the VirtualServices of the large cluster, as an API server sends them: about 8.7 KB each. */
import { metadata, virtualServiceSpec, type RouteWeights } from '../large-cluster.ts'

/** How many routes each VirtualService has. */
export const routes = 5

/** What of a group an API server is asked for. */
interface Type {
  readonly kind: string
  readonly resource: string
}

const group = 'networking.istio.io'
const virtualServices: Type = { kind: 'VirtualService', resource: 'virtualservices' }
const destinationRules: Type = { kind: 'DestinationRule', resource: 'destinationrules' }

const update = (i: number, { kind, resource }: Type, [before, after]: readonly [object, object]): Buffer => {
  const objectOf = (spec: object): object => ({
    apiVersion: `${group}/v1`,
    kind,
    metadata: metadata(i),
    spec,
  })
  const asked = { kind: { group, version: 'v1', kind }, resource: { group, version: 'v1', resource } }
  return Buffer.from(
    JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid: `705ab4f5-6393-11e8-b7cc-${String(i).padStart(12, '0')}`,
        ...asked,
        requestKind: asked.kind,
        requestResource: asked.resource,
        name: `svc${i}`,
        namespace: `ns${i % 200}`,
        operation: 'UPDATE',
        userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
        object: objectOf(after),
        oldObject: objectOf(before),
        dryRun: false,
        options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl-edit' },
      },
    }),
  )
}

/** The body of a review of an UPDATE that sets weights of the i-th service. */
export const reviewOfWeights = (i: number, weights: RouteWeights): Buffer =>
  update(i, virtualServices, [virtualServiceSpec(i, routes), virtualServiceSpec(i, routes, weights)])

/** The body of a review of an UPDATE that adds a subset to the DestinationRule of the i-th service. */
export function reviewOfSubset(i: number): Buffer {
  const specOf = (...versions: readonly string[]): object => ({
    host: `svc${i}`,
    subsets: versions.map(version => ({ name: version, labels: { version } })),
  })
  return update(i, destinationRules, [specOf('v1', 'v2'), specOf('v1', 'v2', 'v3')])
}

/** Bodies like a given one, each of which names other cohorts in the new object, so that none was judged before. */
export function differing(bodyOf: (i: number) => Buffer): (i: number) => Buffer {
  let count = 0
  return i => {
    const text = bodyOf(i).toString()
    const old = text.indexOf('"oldObject"')
    const cohort = `c${String(++count).padStart(7, '0')}-`
    return Buffer.from(text.slice(0, old).replaceAll('internal-', cohort) + text.slice(old))
  }
}
