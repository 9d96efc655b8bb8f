import { formatPosition } from '../view/sources.ts'
import { isKind } from '../objects/kinds.ts'
import {
  defaultMesh,
  meshOfConfigMap,
  withOverrides,
  type MeshOverrides,
  type MeshSettings,
} from '../view/mesh.ts'
import { chosenMesh, meshConfigMapName, revisionOf } from '../view/mesh-revisions.ts'
import { placeOf, type ManifestObject } from './manifest.ts'
import type { SectionReader } from './yaml/documents.ts'
import { valueOf } from './yaml/value.ts'

export interface MeshInFiles {
  readonly mesh: MeshSettings
  readonly notes: readonly string[]
}

const unreadable = Symbol('unreadable')

/**
 * The mesh's settings from the ConfigMap `istio`, else from those of Istio's revisions, as far as they are
 * among the files.
 */
export async function meshInFiles(
  objects: readonly ManifestObject[],
  overrides: MeshOverrides,
  reader: SectionReader,
): Promise<MeshInFiles> {
  const candidates = candidatesIn(objects, overrides.rootNamespace ?? defaultMesh.rootNamespace)
  const configMaps = candidates.flatMap(({ object }) => (isKind('ConfigMap', object) ? [object] : []))
  const texts = new Map(
    await Promise.all(
      configMaps.map(async ({ data }): Promise<readonly [string, unknown]> => {
        const text = data?.['mesh'] ?? ''
        return [
          text,
          await reader
            .read(text)
            .then(node => valueOf(node))
            .catch(() => unreadable),
        ]
      }),
    ),
  )
  const { configMap, notes } = chosenMesh(configMaps, text => texts.get(text))
  const found = candidates.findLast(({ object }) => object === configMap)
  if (configMap === undefined || found === undefined)
    return { mesh: withOverrides(defaultMesh, overrides), notes }
  if (texts.get(configMap.data?.['mesh'] ?? '') !== unreadable) {
    return {
      mesh: withOverrides(
        withOverrides(
          defaultMesh,
          meshOfConfigMap(configMap, text => texts.get(text)),
        ),
        overrides,
      ),
      notes,
    }
  }
  const place = formatPosition(placeOf(found.document.file, found.document.section.start))
  const problem = `${place}: the mesh settings in ConfigMap ${configMap.metadata.name} cannot be read; Istio's defaults are used`
  return { mesh: withOverrides(defaultMesh, overrides), notes: [...notes, problem] }
}

/** Where Istio is installed elsewhere, its ConfigMap is there and says which namespace is the root. */
function candidatesIn(objects: readonly ManifestObject[], root: string): readonly ManifestObject[] {
  const plain = objects.filter(({ ref }) => ref.kind === 'ConfigMap' && ref.name === meshConfigMapName)
  const found =
    plain.length > 0
      ? plain
      : objects.filter(({ object }) => isKind('ConfigMap', object) && revisionOf(object) !== undefined)
  const inRoot = found.filter(({ ref }) => ref.namespace === root)
  return inRoot.length > 0 ? inRoot : found
}
