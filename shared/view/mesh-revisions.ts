import type { ConfigMap } from '../objects/core.ts'
import { namespaceOf } from '../objects/kube-object.ts'
import { meshOfConfigMap, type ParseYaml } from './mesh.ts'

/**
 * Which of the ConfigMaps in Istio's namespace has the mesh's settings, and what a person should know of the
 * choice.
 */
export interface ChosenMesh {
  readonly configMap: ConfigMap | undefined
  readonly notes: readonly string[]
}

/**
 * Istio's own name for the settings of an install without a revision; one by revision has `istio-<revision>`.
 */
export const meshConfigMapName = 'istio'

/** The revision whose settings a ConfigMap has; undefined for one that has none. */
export const revisionOf = ({ metadata: { name }, data }: ConfigMap): string | undefined =>
  name.startsWith(`${meshConfigMapName}-`) && typeof data?.['mesh'] === 'string'
    ? name.slice(meshConfigMapName.length + 1)
    : undefined

/**
 * The settings to go by: those of `istio`, else of the revisions there are. Where these say different things,
 * the default revision's, else the
 * newest's, with a note. What cannot be parsed is only found to be so by who reads the choice.
 */
export function chosenMesh(
  configMaps: readonly ConfigMap[],
  parse: ParseYaml,
  defaultRevision?: string,
): ChosenMesh {
  const plain = configMaps.findLast(({ metadata }) => metadata.name === meshConfigMapName)
  if (plain !== undefined) return { configMap: plain, notes: [] }
  const revisions = configMaps.filter(configMap => revisionOf(configMap) !== undefined)
  const byDefault = revisions.find(configMap => revisionOf(configMap) === defaultRevision)
  const chosen = byDefault ?? revisions.toSorted((one, other) => timeOf(one) - timeOf(other)).at(-1)
  if (chosen === undefined || new Set(revisions.map(configMap => saidBy(configMap, parse))).size < 2)
    return { configMap: chosen, notes: [] }
  const names = revisions
    .map(({ metadata }) => metadata.name)
    .toSorted()
    .join(', ')
  const why = byDefault === undefined ? 'the newest' : 'the default revision'
  return {
    configMap: chosen,
    notes: [
      `ConfigMaps ${names} in ${namespaceOf(chosen)} have different mesh settings: ${chosen.metadata.name} is used, ${why}.`,
    ],
  }
}

const timeOf = ({ metadata: { creationTimestamp } }: ConfigMap): number =>
  (creationTimestamp === undefined ? NaN : Date.parse(creationTimestamp)) || 0

/** What matters of a revision's settings, to compare. */
function saidBy(configMap: ConfigMap, parse: ParseYaml): string {
  try {
    return JSON.stringify(meshOfConfigMap(configMap, parse))
  } catch {
    return configMap.data?.['mesh'] ?? ''
  }
}
