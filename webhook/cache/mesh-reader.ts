import type { Logger } from 'pino'
import { parse } from 'yaml'
import type { ConfigMap } from '../../shared/objects/core.ts'
import { defaultMesh, meshOfConfigMap, withOverrides } from '../../shared/view/mesh.ts'
import { meshConfigMapName } from '../../shared/view/mesh-revisions.ts'
import type { LiveView } from '../../shared/view/snapshot.ts'
import type { GuardedMesh } from '../config/config.ts'
import type { apiReader } from './api-reader.ts'

const timeoutMs = 5_000

interface MeshReaderParts {
  readonly read: ReturnType<typeof apiReader>
  readonly view: LiveView
  readonly log: Logger
  /** What the configuration says about the mesh, asked each time. */
  readonly configured: () => GuardedMesh
}

/**
 * Gives a function that reads the mesh's settings into the view; it never rejects, and logs each problem
 * once.
 */
export function meshReader({ read, view, log, configured }: MeshReaderParts): () => Promise<void> {
  let lastProblem = ''
  return async () => {
    const overrides = configured()
    const place = placeOf(overrides)
    try {
      const [found] = await read({ kind: 'ConfigMap', ...place }, AbortSignal.timeout(timeoutMs))
      if (found === undefined && overrides.revision !== undefined)
        throw new Error('there is no such ConfigMap')
      const installed = meshOfConfigMap(found as ConfigMap | undefined, parse)
      const settings = withOverrides(withOverrides(defaultMesh, installed), overrides)
      if (JSON.stringify(settings) !== JSON.stringify(view.mesh)) view.setMesh(settings)
      lastProblem = ''
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (problem !== lastProblem)
        log.warn(
          { ...place, error: problem },
          'the mesh settings could not be read; those before stay in force',
        )
      lastProblem = problem
      if (view.mesh === defaultMesh) view.setMesh(withOverrides(defaultMesh, overrides))
    }
  }
}

/** Where Istio's settings are, by the mesh's root namespace and revision. */
const placeOf = ({
  rootNamespace = defaultMesh.rootNamespace,
  revision,
}: GuardedMesh): { readonly namespace: string; readonly name: string } => ({
  namespace: rootNamespace,
  name: revision === undefined ? meshConfigMapName : `${meshConfigMapName}-${revision}`,
})
