import type { KubeObject, Metadata } from '../kube-object.ts'

/** What the server keeps in an object's metadata for itself. */
type ServerFields =
  'uid' | 'resourceVersion' | 'generation' | 'creationTimestamp' | 'deletionTimestamp' | 'managedFields'

/** An object without what the server fills in: what a person wrote. */
export type Content = KubeObject & { readonly metadata: Omit<Metadata, ServerFields> }

/** What a person wrote of an object: without the server's metadata and its status. */
export function contentOf(object: KubeObject): Content {
  const {
    uid: _u,
    resourceVersion: _r,
    generation: _g,
    creationTimestamp: _c,
    deletionTimestamp: _d,
    managedFields: _m,
    selfLink: _l,
    ...metadata
  } = object.metadata as Metadata & { readonly managedFields?: unknown; readonly selfLink?: unknown }
  const { status: _s, ...rest } = object as KubeObject & { readonly status?: unknown }
  return { ...rest, metadata }
}
