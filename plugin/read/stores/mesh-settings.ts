import type { MeshOverrides } from '../../../shared/view/mesh.ts'
import type { Store } from '../../../shared/view/store.ts'
import { withRead } from './with-read.ts'

/** What a person typed of the files to work on and of the mesh. */
export interface MeshSource {
  readonly files: readonly string[]
  readonly kustomization?: string | undefined
  readonly mesh: MeshOverrides
}

/**
 * The mesh's settings that a person chose: by flags, which win, and by a settings file beside the files that
 * are worked on.
 */
export async function meshFor({ files, kustomization, mesh }: MeshSource): Promise<MeshOverrides> {
  const paths = kustomization === undefined ? files : [kustomization]
  if (paths.length === 0) return mesh
  const [{ readSettings }, { SectionReader }, { valueOf }] = await Promise.all([
    import('../../../shared/manifests/files/settings-file.ts'),
    import('../../../shared/manifests/yaml/documents.ts'),
    import('../../../shared/manifests/yaml/value.ts'),
  ])
  const reader = new SectionReader()
  const settings = await readSettings(paths, async text => valueOf(await reader.read(text)))
  const defaultExportTo = { ...settings.defaultExportTo, ...mesh.defaultExportTo }
  return { ...settings, ...mesh, ...(Object.keys(defaultExportTo).length === 0 ? {} : { defaultExportTo }) }
}

/** The same store, which reads by these settings; the mesh's ConfigMap says the rest. */
export const readingBy = (mesh: MeshOverrides, store: Store): Store =>
  Object.keys(mesh).length === 0
    ? store
    : withRead(store, scope => store.read({ ...scope, mesh: { ...mesh, ...scope.mesh } }))
