import type { ConfigMap } from '../objects/core.ts'

/**
 * The mesh-wide settings that change how names and visibility are resolved. An exportTo default is `['*']`
 * unless the mesh says otherwise.
 */
export interface MeshSettings {
  readonly rootNamespace: string
  readonly clusterDomain: string
  readonly defaultExportTo: DefaultExportTo
  /**
   * What nothing in the mesh answers for is refused (outboundTrafficPolicy); it is let through when left out.
   */
  readonly isRegistryOnly?: boolean
  /** Proxies use mTLS only where a DestinationRule says so (enableAutoMtls: false). */
  readonly lacksAutoMtls?: boolean
}
export interface DefaultExportTo {
  readonly virtualService: readonly string[]
  readonly destinationRule: readonly string[]
  readonly service: readonly string[]
}

/** Istio's own defaults (istio.mesh.v1alpha1.MeshConfig). */
export const defaultMesh: MeshSettings = {
  rootNamespace: 'istio-system',
  clusterDomain: 'cluster.local',
  defaultExportTo: { virtualService: ['*'], destinationRule: ['*'], service: ['*'] },
}

/** Where a person or a flag sets less than all. */
export interface MeshOverrides {
  readonly rootNamespace?: string | undefined
  readonly clusterDomain?: string | undefined
  readonly defaultExportTo?: Partial<DefaultExportTo> | undefined
  readonly isRegistryOnly?: boolean | undefined
  readonly lacksAutoMtls?: boolean | undefined
}

/** Settings laid over one another: what the override leaves open stays. */
export const withOverrides = (
  mesh: MeshSettings,
  {
    rootNamespace,
    clusterDomain,
    defaultExportTo,
    isRegistryOnly = mesh.isRegistryOnly,
    lacksAutoMtls = mesh.lacksAutoMtls,
  }: MeshOverrides,
): MeshSettings => ({
  rootNamespace: rootNamespace ?? mesh.rootNamespace,
  clusterDomain: clusterDomain ?? mesh.clusterDomain,
  defaultExportTo: { ...mesh.defaultExportTo, ...defaultExportTo },
  ...(isRegistryOnly === undefined ? {} : { isRegistryOnly }),
  ...(lacksAutoMtls === undefined ? {} : { lacksAutoMtls }),
})

/** Reads YAML into plain data; passed in, because the pure folders import no package. Where it is said, it may give a promise. */
export type ParseYaml = (text: string) => unknown

/**
 * The settings that the `istio` ConfigMap's `mesh` document carries; what it does not say is Istio's default.
 */
export function meshOfConfigMap(configMap: ConfigMap | undefined, parse: ParseYaml): MeshOverrides {
  const text = configMap?.data?.['mesh']
  const config = text === undefined ? undefined : parse(text)
  if (typeof config !== 'object' || config === null) return {}
  const list = (key: string): readonly string[] | undefined => stringsOf(Reflect.get(config, key))
  const virtualService = list('defaultVirtualServiceExportTo')
  const destinationRule = list('defaultDestinationRuleExportTo')
  const service = list('defaultServiceExportTo')
  return {
    rootNamespace: stringOf(Reflect.get(config, 'rootNamespace')),
    isRegistryOnly: isRegistryOnlyIn(Reflect.get(config, 'outboundTrafficPolicy')),
    ...(Reflect.get(config, 'enableAutoMtls') === false ? { lacksAutoMtls: true } : {}),
    defaultExportTo: {
      ...(virtualService === undefined ? {} : { virtualService }),
      ...(destinationRule === undefined ? {} : { destinationRule }),
      ...(service === undefined ? {} : { service }),
    },
  }
}

/** Whether a policy refuses what is not known; undefined where it does not say. */
function isRegistryOnlyIn(policy: unknown): boolean | undefined {
  const mode =
    typeof policy === 'object' && policy !== null ? stringOf(Reflect.get(policy, 'mode')) : undefined
  return mode === undefined ? undefined : mode === 'REGISTRY_ONLY'
}

const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const stringsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')
    ? value
    : undefined
