/** Objects and admission requests as an API server sends them. */
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf, resources } from '../../shared/objects/kinds.ts'
import { envelopeOf, requestOf } from '../../webhook/admission/decode-review.ts'
import type { AdmissionRequest } from '../../webhook/review/admission-request.ts'

export const namespace = 'shop'

/** `v1: 90` is a destination with weight 90; undefined gives it none. */
export type SubsetWeights = Readonly<Record<string, number | undefined>>

/** A VirtualService `catalog` that splits between subsets. */
export function virtualService(weights: SubsetWeights, metadata: object = {}): KubeObject {
  const route = Object.entries(weights).map(([subset, weight]) => ({
    destination: { host: 'catalog', subset },
    ...(weight === undefined ? {} : { weight }),
  }))
  return object('networking.istio.io/v1 VirtualService', { hosts: ['catalog'], http: [{ route }] }, metadata)
}

export function destinationRule(subsets: readonly string[], metadata: object = {}): KubeObject {
  return object(
    'networking.istio.io/v1 DestinationRule',
    { host: 'catalog', subsets: subsets.map(name => ({ name, labels: { version: name } })) },
    metadata,
  )
}

export const service = (metadata: object = {}): KubeObject =>
  object('v1 Service', { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] }, metadata)

/** A workload `catalog-v2` of one version. */
export const workload = (
  version: string,
  {
    kind = 'Deployment',
    replicas = 1,
    labels,
  }: { readonly kind?: string; readonly replicas?: number; readonly labels?: object } = {},
): KubeObject =>
  object(
    `apps/v1 ${kind}`,
    {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      template: { metadata: { labels: labels ?? { app: 'catalog', version } } },
    },
    { name: `catalog-${version}` },
  )

export const namespaceObject = (metadata: object = {}): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, ...metadata },
    status: { phase: 'Active' },
  }) as KubeObject

function object(type: string, spec: object, metadata: object): KubeObject {
  const [apiVersion, kind] = type.split(' ')
  return {
    apiVersion,
    kind,
    metadata: { name: 'catalog', namespace, resourceVersion: '1', ...metadata },
    spec,
  } as KubeObject
}

/** A change and who makes it. */
export interface ReviewInput {
  readonly before?: KubeObject
  readonly after?: KubeObject
  readonly dryRun?: boolean
  readonly user?: string
  /** Laid over the request's own fields. */
  readonly fields?: object
}

/** The AdmissionReview of a change, as parsed JSON. */
export function reviewOf({ before, after, dryRun = false, user = 'jane', fields = {} }: ReviewInput): {
  apiVersion: string
  kind: string
  request: Record<string, unknown>
} {
  const { apiVersion, kind, metadata } = (after ?? before)!
  const [version, group = ''] = apiVersion.split('/').toReversed()
  const known = kindOf({ apiVersion, kind })
  const operation = before === undefined ? 'CREATE' : after === undefined ? 'DELETE' : 'UPDATE'
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'c0ffee',
      kind: { group, version, kind },
      resource: {
        group,
        version,
        resource: known === undefined ? `${kind.toLowerCase()}s` : resources[known].plural,
      },
      requestKind: { group, version, kind },
      name: metadata.name,
      namespace: metadata.namespace,
      operation,
      userInfo: { username: user, groups: ['people'] },
      object: after ?? null,
      oldObject: before ?? null,
      dryRun,
      options: null,
      ...fields,
    },
  }
}

/** The request of a change, as a review takes it. */
export const requestFor = (input: ReviewInput): AdmissionRequest =>
  requestOf(envelopeOf(JSON.parse(JSON.stringify(reviewOf(input))))!)
