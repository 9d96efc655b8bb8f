import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { changedRef, type Change } from '../../view/change.ts'
import { formatPosition } from '../../view/sources.ts'
import { isDeepEqual, plainOf } from '../edit/equal.ts'
import type { Plain } from '../edit/plain.ts'
import { placeOf, type ManifestDocument, type ManifestObject, type ManifestPatch } from '../manifest.ts'
import { editedOperations } from './operations/edited-operations.ts'
import { rebased } from './rebased.ts'

/** A change of a built object as a change of what the files have. */
export type UnbuiltChange =
  | {
      readonly change: Change
      /** What is edited; undefined for an object that is new. */
      readonly holder: ManifestObject | undefined
    }
  | { readonly document: ManifestDocument; readonly operations: readonly Plain[] }

/** The objects of a build, and the kustomizations that change objects in their own files. */
export interface BuiltObjects {
  readonly objects: readonly ManifestObject[]
  readonly patchedIn: readonly string[]
}

/**
 * The change of what a file has that makes the build change as wanted: of the patch that says the changed
 * fields, else of the object itself. Throws a CanaryError where no single file does.
 */
export function unbuiltChange(change: Change, { objects, patchedIn }: BuiltObjects): UnbuiltChange {
  const ref = changedRef(change)
  const built = objects.find(one => keyOf(one.ref) === keyOf(ref))
  if (built === undefined)
    return { change: { after: inWrittenNamespace(change.after!, objects) }, holder: undefined }
  const { source, patches = [] } = built
  if (source === undefined)
    throw refused(built, 'a generator of the kustomization makes it', 'Edit what the generator reads.')
  const others = objects.filter(one => one !== built && one.source === source)
  if (others.length > 0)
    throw refused(
      built,
      `${keyOf(others[0]!.ref)} is made of the same object (${at(source)})`,
      'Edit the file by hand where both are to change.',
    )
  const { before, after } = change
  if (after === undefined) {
    if (patches.length > 0)
      throw refused(built, `${at(patches[0]!)} changes it`, 'Remove the object and its patches by hand.')
    return { change: { before: source.object }, holder: source }
  }
  if (isDeepEqual(before, after))
    return { change: { before: source.object, after: source.object }, holder: source }
  for (const layer of [...patches.toReversed(), { object: source }]) {
    const edited = editedIn(layer, { before, after, source })
    if (edited !== undefined) return edited
  }
  throw refused(
    built,
    `its fields come from several places: ${[...[source, ...patches].map(at), ...patchedIn].join(', ')}`,
    'Edit them by hand.',
  )
}

/** The change as one of a patch, or of the object itself; undefined where that does not say the fields. */
function editedIn(
  layer: ManifestPatch | { readonly object: ManifestObject },
  { before, after, source }: Change & { readonly source: ManifestObject },
): UnbuiltChange | undefined {
  if ('operations' in layer) {
    const operations = editedOperations(layer.operations, before, plainOf(after))
    return operations === undefined ? undefined : { document: layer.document, operations }
  }
  const holder = layer.object
  const edited = rebased({ layer: holder.object, whole: holder === source }, before, after)
  return edited === undefined
    ? undefined
    : { change: { before: holder.object, after: edited as KubeObject }, holder }
}

const at = ({ document: { file, section } }: Pick<ManifestObject, 'document'>): string =>
  formatPosition(placeOf(file, section.start))

/** What its files cannot say together, a patch of the kustomization itself can. */
const refused = ({ ref, build }: ManifestObject, why: string, hint: string): CanaryError =>
  new CanaryError('refused', `${keyOf(ref)} of kustomization ${build} is not edited: ${why}`, {
    hints: [
      hint,
      `To change it for ${build} only, repeat this command with --emit-patch kustomize, and add the patch that it prints to its kustomization.`,
    ],
  })

/** A kustomization may set the namespace that its files leave out. */
function inWrittenNamespace(object: KubeObject, objects: readonly ManifestObject[]): KubeObject {
  const namespace = namespaceOf(object)
  const neighbour = objects.find(({ ref, source }) => ref.namespace === namespace && source !== undefined)
  return neighbour === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, namespace: neighbour.source!.ref.namespace } }
}
