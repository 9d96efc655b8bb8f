import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { apiKindOf, kindOf, type Kind } from '../../shared/objects/kinds.ts'
import { shapes, type Shape } from './kept-fields.ts'
import { isTooLarge } from './too-large.ts'
import { rememberVerdict } from './istio-violations.ts'

const plainMetadata = { name: true, namespace: true, resourceVersion: true, deletionTimestamp: true } as const
const metadata: Shape = {
  ...plainMetadata,
  creationTimestamp: true,
  labels: true,
  ownerReferences: [{ apiVersion: true, kind: true, name: true, controller: true }],
}
// There are more of these than of all others together, and it is their template that counts.
const plainKinds: ReadonlySet<Kind> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'])
// Ours and Istio's; the rest, above all the copy that kubectl apply leaves, is often larger than the object.
const keptAnnotations = /^(kubectl-canary|[\w.-]*istio\.io)\//

/**
 * What is kept of a watched object: what rules may read, and what the whole is judged by; undefined of one
 * that is too large to judge. Objects of 8 KB become
 * ones of less than 1 KB.
 */
export function projectObject(object: KubeObject): KubeObject | undefined {
  const kept = keptOf(object)
  return isTooLarge(kept) ? undefined : rememberVerdict(object, kept)
}

function keptOf(object: KubeObject): KubeObject {
  const kind = kindOf(object)
  if (kind === undefined) return object
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([key]) =>
    keptAnnotations.test(key),
  )
  return {
    apiVersion: shared(object.apiVersion),
    kind: apiKindOf(kind),
    ...(picked(object, shapes[kind]) as object),
    metadata: {
      ...(picked(object.metadata, plainKinds.has(kind) ? plainMetadata : metadata) as KubeObject['metadata']),
      ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    },
  }
}

const apiVersions = new Map<string, string>()

/** One string for all objects; there are only as many as kinds that we know, in their versions. */
function shared(apiVersion: string): string {
  const known = apiVersions.get(apiVersion)
  if (known === undefined && apiVersions.size < 100) apiVersions.set(apiVersion, apiVersion)
  return known ?? apiVersion
}

/**
 * A value of another form than its shape stays as it is: it is for the rules to say what is wrong with it.
 */
function picked(value: unknown, shape: Shape): unknown {
  if (shape === true || typeof value !== 'object' || value === null) return value
  if (isItems(shape)) return Array.isArray(value) ? value.map(item => picked(item, shape[0])) : value
  if (Array.isArray(value)) return value
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(shape)) {
    const field = (value as Readonly<Record<string, unknown>>)[key]
    if (field !== undefined) kept[key] = picked(field, shape[key]!)
  }
  return kept
}

const isItems = (shape: Exclude<Shape, true>): shape is readonly [Shape] => Array.isArray(shape)
