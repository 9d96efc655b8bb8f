import type { VersionedConnection } from '../served-versions.ts'
import type { ConfigMap } from '../../objects/core.ts'
import {
  defaultMesh,
  meshOfConfigMap,
  withOverrides,
  type MeshSettings,
  type ParseYaml,
} from '../../view/mesh.ts'
import { chosenMesh, meshConfigMapName, revisionOf } from '../../view/mesh-revisions.ts'
import { apiPath, resourceName, resourcePath } from '../api-path.ts'
import type { MissingRight } from './notes.ts'
import { listKind } from './list-kind.ts'

export interface MeshReading {
  readonly mesh: MeshSettings
  readonly configMap?: ConfigMap
  readonly notes: readonly string[]
  /** What could not be read for lack of rights. */
  readonly missing?: readonly MissingRight[]
}

/**
 * The mesh's settings from Istio's ConfigMap, else from those of its revisions; Istio's defaults where there
 * is none, or where we may not see it.
 */
export async function readMesh(
  reader: VersionedConnection,
  namespace: string,
  parseYaml: ParseYaml,
): Promise<MeshReading> {
  const { connection, signal } = reader
  const answer = await connection.request({
    path: apiPath('ConfigMap', 'v1', { namespace, name: meshConfigMapName }),
    ...(signal && { signal }),
  })
  if (answer.status === 403)
    return assumed(`No permission to read ${resourceName('ConfigMap')} istio in ${namespace}`)
  if (answer.status === 404) return readRevisions(reader, namespace, parseYaml)
  if (answer.status !== 200) throw connection.refusal(answer)
  const json = answer.json() as object
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', ...json } as unknown as ConfigMap
  return readingOf(configMap, await readAhead([configMap], parseYaml))
}

/** An install by revision has a ConfigMap for each, and a webhook that says which is the default. */
async function readRevisions(
  reader: VersionedConnection,
  namespace: string,
  parseYaml: ParseYaml,
): Promise<MeshReading> {
  const listed = await listKind(reader, 'ConfigMap', namespace)
  if (listed.is === 'forbidden')
    return assumed(`No permission to list ${resourceName('ConfigMap')} in ${namespace}`)
  const configMaps = listed.is === 'read' ? (listed.objects as readonly ConfigMap[]) : []
  const isUndecided = configMaps.filter(configMap => revisionOf(configMap) !== undefined).length > 1
  const parse = await readAhead(configMaps, parseYaml)
  const { configMap, notes } = chosenMesh(
    configMaps,
    parse,
    isUndecided ? await defaultRevision(reader) : undefined,
  )
  if (configMap === undefined) return { mesh: defaultMesh, notes }
  const reading = readingOf(configMap, parse)
  return { ...reading, notes: [...notes, ...reading.notes] }
}

/** Gives at once what a reader that may have to be waited for makes of the mesh settings, or throws what it throws. */
async function readAhead(configMaps: readonly ConfigMap[], parseYaml: ParseYaml): Promise<ParseYaml> {
  const texts = configMaps.flatMap(({ data }) => data?.['mesh'] ?? [])
  const read = await Promise.allSettled(texts.map(async text => parseYaml(text)))
  const known = new Map(texts.map((text, i) => [text, read[i]!]))
  return text => {
    const found = known.get(text)!
    if (found.status === 'rejected') throw found.reason
    return found.value
  }
}

/** The revision tagged as the default; undefined where there is none or we may not see it. */
async function defaultRevision({ connection, signal }: VersionedConnection): Promise<string | undefined> {
  const path = resourcePath(
    {
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      plural: 'mutatingwebhookconfigurations',
      namespaced: false,
    },
    { name: 'istio-revision-tag-default' },
  )
  const answer = await connection.request({ path, ...(signal && { signal }) })
  if (answer.status !== 200) return undefined
  const { metadata } = answer.json() as {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }
  }
  return metadata?.labels?.['istio.io/rev']
}

function readingOf(configMap: ConfigMap, parseYaml: ParseYaml): MeshReading {
  try {
    return { mesh: withOverrides(defaultMesh, meshOfConfigMap(configMap, parseYaml)), configMap, notes: [] }
  } catch (error) {
    const { name, namespace } = configMap.metadata
    return {
      mesh: defaultMesh,
      configMap,
      notes: [
        `ConfigMap ${namespace}/${name}: data.mesh cannot be read (${(error as Error).message.split('\n', 1)[0]!}): Istio's defaults are used.`,
      ],
    }
  }
}

const assumed = (why: string): MeshReading => ({
  mesh: defaultMesh,
  notes: [],
  missing: [
    {
      resource: resourceName('ConfigMap'),
      sentence: `${why}: Istio's default mesh settings are used.`,
    },
  ],
})
