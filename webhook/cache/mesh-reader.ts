import type { Logger } from 'pino'
import { parse } from 'yaml'
import type { ConfigMap } from '../../shared/objects/core.ts'
import { defaultMesh, meshOfConfigMap, withOverrides, type MeshOverrides } from '../../shared/view/mesh.ts'
import { meshConfigMapName } from '../../shared/view/mesh-revisions.ts'
import type { LiveView } from '../../shared/view/snapshot.ts'
import type { ApiRead } from './single-flight.ts'

/** The mesh that the guard protects, and settings that override those of its ConfigMap. */
export interface GuardedMesh extends MeshOverrides {
  /** The revision of Istio: its settings are in the ConfigMap `istio-<revision>`; in `istio` when left out. */
  readonly revision?: string | undefined
  /** Whether workloads in other clusters are part of the mesh; found by the usual labels when left out. */
  readonly multiCluster?: boolean | undefined
}

const timeoutMs = 5_000

interface MeshReaderParts {
  readonly read: ApiRead
  readonly view: LiveView
  readonly log: Logger
  /** The mesh settings of the current configuration. */
  readonly configured: () => GuardedMesh
}

/** Returns a function that reads the mesh's settings into the view; it never rejects and logs a problem once. */
export function meshReader({ read, view, log, configured }: MeshReaderParts): () => Promise<void> {
  let lastProblem = ''
  return async () => {
    const overrides = configured()
    const location = locationOf(overrides)
    try {
      const [found] = await read({ kind: 'ConfigMap', ...location }, AbortSignal.timeout(timeoutMs))
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
          { ...location, error: problem },
          'mesh settings could not be read; the previous ones stay in use',
        )
      lastProblem = problem
      if (view.mesh === defaultMesh) view.setMesh(withOverrides(defaultMesh, overrides))
    }
  }
}

/** The namespace and name of Istio's ConfigMap. */
const locationOf = ({
  rootNamespace = defaultMesh.rootNamespace,
  revision,
}: GuardedMesh): { readonly namespace: string; readonly name: string } => ({
  namespace: rootNamespace,
  name: revision === undefined ? meshConfigMapName : `${meshConfigMapName}-${revision}`,
})
