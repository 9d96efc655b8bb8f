import type { MeshOverrides } from '../../shared/view/mesh.ts'
import type { Store } from '../../shared/view/store.ts'
import type { GlobalFlags } from '../flags/global-flags.ts'

/**
 * The mesh's settings that a person chose: by flags, which win, and by a settings file beside the files that
 * are worked on.
 */
export async function meshFor({
  files,
  kustomization,
  mesh,
}: Pick<GlobalFlags, 'files' | 'kustomization' | 'mesh'>): Promise<MeshOverrides> {
  const paths = kustomization === undefined ? files : [kustomization]
  if (paths.length === 0) return mesh
  const { readSettings } = await import('../../shared/manifests/files/settings-file.ts')
  const settings = await readSettings(paths)
  const defaultExportTo = { ...settings.defaultExportTo, ...mesh.defaultExportTo }
  return { ...settings, ...mesh, ...(Object.keys(defaultExportTo).length === 0 ? {} : { defaultExportTo }) }
}

/** The same store, which reads by these settings; the mesh's ConfigMap says the rest. */
export const readingBy = (mesh: MeshOverrides, store: Store): Store =>
  Object.keys(mesh).length === 0
    ? store
    : {
        namespace: store.namespace,
        read: scope => store.read({ ...scope, mesh: { ...mesh, ...scope.mesh } }),
        apply: (changes, options) => store.apply(changes, options),
        diff: changes => store.diff(changes),
        close: () => store.close(),
      }
