import { dirname, resolve, sep } from 'node:path'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { overlay } from '../../view/overlay.ts'
import { snapshot } from '../../view/snapshot.ts'
import type { FileWorld, FileWorlds } from '../../view/sources.ts'
import type { MeshSettings } from '../../view/mesh.ts'
import { isDeepEqual } from '../edit/equal.ts'
import { FileSources } from '../file-sources.ts'
import { placeOf, type ManifestObject } from '../manifest.ts'
import type { Manifests } from '../read-manifests.ts'
import type { SectionReader } from '../yaml/documents.ts'
import { repeatedOf, separate, type Definition, type Separate } from './separate.ts'
import { twinOf } from './twin-of.ts'

/** What the worlds are made of, besides the objects. */
export interface WorldOptions {
  readonly mesh: MeshSettings
  readonly reader: SectionReader
}

interface DefinedObject extends Definition {
  readonly manifest: ManifestObject
}

/** The worlds of all objects that were read; one where no object is defined twice. */
export function worldsOf(manifests: Manifests, { mesh, reader }: WorldOptions): FileWorlds {
  const defined = withoutRepeatedNamespaces(manifests.objects).map(placed)
  const separated = separate(defined)
  const viewOf = (items: readonly DefinedObject[]) =>
    snapshot(
      items.map(({ manifest }) => manifest.object),
      { mesh },
    )
  const worlds = separated.map((one): FileWorld => {
    const { items, fills, elsewhere } = one
    let base: ReturnType<typeof viewOf> | undefined
    const withFill = (fill: readonly DefinedObject[]) => {
      base ??= viewOf(items)
      return fill.length === 0
        ? base
        : overlay(
            base,
            fill.map(({ manifest }) => ({ after: manifest.object })),
          )
    }
    return {
      ...namesOf(one),
      objects: items.map(({ manifest }) => manifest.object),
      views: fills.map(fill => () => withFill(fill)),
      widest: () => withFill(elsewhere),
      sources: new FileSources({ ...manifests, objects: items.map(({ manifest }) => manifest) }, reader),
    }
  })
  return { worlds, notes: separated.length > 1 ? [noteOn(defined, separated)] : [] }
}

/** Where an object is written, from the outermost folder to its place in the file. */
function placed(manifest: ManifestObject): DefinedObject {
  const {
    document: { file, section },
    item = 0,
    build,
  } = manifest
  const key = keyOf(manifest.ref)
  if (build !== undefined) {
    const path = [...resolve(build).split(sep), 'build']
    return { manifest, key, twin: twinOf(manifest), path, folders: path.length }
  }
  const path = file.path === undefined ? [file.name] : resolve(file.path).split(sep)
  return {
    manifest,
    key,
    path: [...path, `${section.start}`, `${item}`],
    folders: path.length - 1,
  }
}

/** Every application has the Namespace among its files: the same text again makes no other world. */
function withoutRepeatedNamespaces(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const known = new Map<string, KubeObject>()
  return objects.filter(({ ref, object }) => {
    if (ref.kind !== 'Namespace') return true
    const before = known.get(ref.name)
    known.set(ref.name, before ?? object)
    return before === undefined || !isDeepEqual(before, object)
  })
}

/** At most so many places are named. */
const shownPlaces = 5

function noteOn(defined: readonly DefinedObject[], separated: readonly Separate<DefinedObject>[]): string {
  const repeated = repeatedOf(defined)
  const places = [...new Set(separated.map(nameOf))]
  const named = places.slice(0, shownPlaces).join(', ')
  const rest = places.length > shownPlaces ? ` and ${places.length - shownPlaces} more` : ''
  return `${repeatedWords(repeated)} more than once, in ${named}${rest}. Each place is checked by itself.`
}

/** `VirtualService shop/catalog is defined`, `3 objects are defined`; twins are of one text, but of several names. */
function repeatedWords(repeated: readonly (readonly DefinedObject[])[]): string {
  const objects = new Set(repeated.flatMap(group => group[0]?.key ?? []))
  if (objects.size > 1) return `${objects.size} objects are defined`
  const [one] = repeated[0] ?? []
  const names = new Set(repeated[0]?.map(({ key }) => key))
  return names.size === 1 ? `${one!.key} is defined` : `The text of ${one!.key} is used`
}

/** The name of a world, and what names its files: the folder itself where it has them all, else each of them. */
function namesOf(separated: Separate<DefinedObject>): Pick<FileWorld, 'name' | 'words'> {
  const { place, items } = separated
  const [first] = items
  if (first === undefined) return { name: '', words: { files: [] } }
  const folder = nameOf(separated)
  const last = insideOf(separated)
  const {
    build,
    document: { file, section },
  } = last.manifest
  if (build !== undefined) return { name: folder, words: { files: [], kustomization: build } }
  const isInFile = place.length > last.folders + 1
  const isWhole = items.every(({ path }) => place.every((part, i) => path[i] === part))
  const each = [...new Set(items.map(({ manifest }) => manifest.document.file.name))]
  return {
    name: isInFile ? `${folder}:${placeOf(file, section.start).line}` : folder,
    words: { files: isWhole && place.length > 0 ? [folder] : each },
  }
}

const insideOf = ({ place, items }: Separate<DefinedObject>): DefinedObject =>
  items.findLast(({ path }) => place.every((part, i) => path[i] === part))!

/** The folder, file or place of a world, as it was typed. */
function nameOf(separated: Separate<DefinedObject>): string {
  const { place } = separated
  const inside = insideOf(separated)
  const { file } = inside.manifest.document
  const build = inside.manifest.build
  if (build !== undefined) return build
  if (place.length > inside.folders) return file.name
  let name = file.name
  for (let i = inside.folders + 1; i > place.length; i--) name = dirname(name)
  return name
}
