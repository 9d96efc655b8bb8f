import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { apiKindOf, kindOf, type Kind } from '../../shared/objects/kinds.ts'
import { ownerAnnotations, ownerLabels, ownerPartOf } from '../../shared/objects/owners/owner-marks.ts'
import { fieldsOf } from '../../shared/objects/unchecked.ts'
import { keepingOf } from '../../shared/workloads/pods/kept-pods.ts'
import { rememberViolations } from './istio-violations.ts'
import { keptContainers, keptFields, type FieldSelection } from './kept-fields.ts'
import { isTooLarge } from './too-large.ts'

const plainMetadata = { name: true, namespace: true, resourceVersion: true, deletionTimestamp: true } as const
const metadata: FieldSelection = {
  ...plainMetadata,
  creationTimestamp: true,
  labels: true,
  ownerReferences: [{ apiVersion: true, kind: true, name: true, controller: true }],
}
// The most numerous kinds; rules read their template, and of their metadata only the marks of an owner.
const plainKinds: ReadonlySet<Kind> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
  'DeploymentConfig',
  'CloneSet',
  'StatefulSet.apps.kruise.io',
  'DaemonSet.apps.kruise.io',
])
// Other annotations are dropped: the one that kubectl apply writes is often larger than the object.
const keptAnnotations = /^(kubectl-canary|[\w.-]*istio\.io)\//

/**
 * The projection of a watched object that the cache keeps: the fields that rules read, and the violations of the
 * whole object; undefined for an object that is too large to be judged. Objects of 8 KB shrink to less than 1 KB.
 */
export function projectObject(object: KubeObject): KubeObject | undefined {
  const kept = keptOf(object)
  return isTooLarge(kept) ? undefined : rememberViolations(object, kept)
}

function keptOf(object: KubeObject): KubeObject {
  const kind = kindOf(object)
  if (kind === undefined) return object
  const isPlain = plainKinds.has(kind)
  const annotations = partOf(
    object.metadata.annotations,
    key => ownerAnnotations.has(key) || keptAnnotations.test(key),
  )
  const marks = isPlain ? partOf(object.metadata.labels, key => ownerLabels.has(key)) : undefined
  return {
    apiVersion: interned(object.apiVersion),
    kind: apiKindOf(kind),
    ...(selected(object, keptFields[kind]) as object),
    ...(keepingOf(object) === undefined ? {} : { spec: withSelector(object, kind) }),
    metadata: {
      ...(selected(object.metadata, isPlain ? plainMetadata : metadata) as KubeObject['metadata']),
      ...(marks === undefined ? {} : { labels: marks }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
}

/** The kept spec of a workload that keeps pods back, by which these are read: they may not be of its template. */
const withSelector = ({ spec }: KubeObject & { readonly spec?: unknown }, kind: Kind): object => ({
  ...(selected({ spec }, keptFields[kind]) as { readonly spec: object }).spec,
  selector: fieldsOf(spec)['selector'],
})

type Texts = Readonly<Record<string, string>>

/** The texts with some keys; undefined if there is none. */
function partOf(texts: Texts | undefined, isKept: (key: string) => boolean): Texts | undefined {
  const kept = Object.entries(texts ?? {}).flatMap(([key, value]) =>
    isKept(key) ? [[key, ownerPartOf(key, value)] as const] : [],
  )
  return kept.length === 0 ? undefined : shared(Object.fromEntries(kept))
}

const known = new Map<string, object>()
/** All objects of one release have the same marks, and most workloads the same ports. */
const mostKnown = 5_000

/** One value for all objects that say the same, of short values. */
function shared<T extends object>(value: T): T {
  const text = JSON.stringify(value)
  const same = known.get(text)
  if (same === undefined && known.size < mostKnown && text.length < 500) known.set(text, value)
  return (same as T | undefined) ?? value
}

const apiVersions = new Map<string, string>()

/** One string for all objects of an apiVersion; there are few. */
function interned(apiVersion: string): string {
  const known = apiVersions.get(apiVersion)
  if (known === undefined && apiVersions.size < 100) apiVersions.set(apiVersion, apiVersion)
  return known ?? apiVersion
}

/** A value of another type than its selection expects stays as it is, so that rules can report it. */
function selected(value: unknown, selection: FieldSelection): unknown {
  if (selection === true || typeof value !== 'object' || value === null) return value
  if (isItems(selection)) {
    if (!Array.isArray(value)) return value
    const items = value.map(item => selected(item, selection[0]))
    return selection === keptContainers ? shared(items) : items
  }
  if (Array.isArray(value)) return value
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(selection)) {
    const field = (value as Readonly<Record<string, unknown>>)[key]
    if (field !== undefined) kept[key] = selected(field, selection[key]!)
  }
  return kept
}

const isItems = (selection: Exclude<FieldSelection, true>): selection is readonly [FieldSelection] =>
  Array.isArray(selection)
