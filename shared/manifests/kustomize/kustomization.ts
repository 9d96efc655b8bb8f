import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { SourceFile } from '../files/find-files.ts'

/** The names that kustomize looks for, in its order (sigs.k8s.io/kustomize, api/konfig). */
export const kustomizationNames: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
])

/** Reads YAML into plain values; throws where it is none. */
export type ReadYaml = (text: string) => Promise<unknown>

/** What a kustomization names, as absolute paths. */
export interface Kustomization {
  readonly folder: string
  /** Its own file. */
  readonly file: string
  readonly isComponent: boolean
  /** Files and folders whose objects it takes. */
  readonly resources: readonly string[]
  readonly components: readonly string[]
  /** Files that change objects and are none: patches, replacements, configurations, CRDs of its own. */
  readonly patches: readonly string[]
  /** It changes objects in its own file: patches and replacements that are written in place. */
  readonly patchesInPlace: boolean
  /** What is not on the disk: it would have to be fetched. */
  readonly remote: readonly string[]
}

/** The file of the kustomization in a folder. */
export function kustomizationIn(folder: string): string | undefined {
  try {
    const name = readdirSync(folder).find(one => kustomizationNames.has(one))
    return name === undefined ? undefined : join(folder, name)
  } catch {
    return undefined
  }
}

/** Whether a kustomization is beside a file, or above it within the folder that was named. */
export function isKustomized({ path, root, isBuild = false }: SourceFile): boolean {
  if (isBuild) return true
  if (path === undefined) return false
  const top = root.kind === 'folder' ? resolve(root.path) : dirname(resolve(path))
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    if (kustomizationIn(at) !== undefined) return true
    if (at === top || at === dirname(at)) return false
  }
}

/** Reads the kustomization in a folder; undefined where there is none that can be read. */
export async function readKustomization(folder: string, read: ReadYaml): Promise<Kustomization | undefined> {
  const file = kustomizationIn(folder)
  if (file === undefined) return undefined
  let value: unknown
  try {
    value = await read(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !isKustomize(value)) return undefined
  const at = (entries: readonly string[]): readonly string[] => entries.map(entry => resolve(folder, entry))
  const local = (field: string): readonly string[] =>
    textsIn(value, field).filter(entry => isThere(folder, entry))
  const named = ['resources', 'bases', 'components'].flatMap(field => textsIn(value, field))
  return {
    folder: resolve(folder),
    file: resolve(file),
    isComponent: Reflect.get(value, 'kind') === 'Component',
    resources: at([...local('resources'), ...local('bases')]),
    components: at(local('components')),
    patches: at(patchFields.flatMap(field => textsIn(value, field)).filter(entry => isThere(folder, entry))),
    patchesInPlace: patchFields.some(field => itemsIn(value, field).some(item => pathIn(item) === undefined)),
    remote: named.filter(entry => !isThere(folder, entry)),
  }
}

const patchFields = [
  'patches',
  'patchesStrategicMerge',
  'patchesJson6902',
  'replacements',
  'transformers',
  'generators',
  'validators',
  'configurations',
  'crds',
]

/** Flux has a Kustomization of its own, which may lie in a file of this name. */
function isKustomize(value: object): boolean {
  const version: unknown = Reflect.get(value, 'apiVersion')
  return (
    version === undefined || (typeof version === 'string' && version.startsWith('kustomize.config.k8s.io/'))
  )
}

const itemsIn = (value: object, field: string): readonly unknown[] => {
  const list: unknown = Reflect.get(value, field)
  return Array.isArray(list) ? list : []
}

/** The path in an item that is one or has one as `path`; undefined for what is written in place. */
function pathIn(item: unknown): string | undefined {
  const path: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, 'path') : item
  return typeof path === 'string' && !path.includes('\n') ? path : undefined
}

const textsIn = (value: object, field: string): readonly string[] =>
  itemsIn(value, field).flatMap(item => pathIn(item) ?? [])

const isThere = (folder: string, entry: string): boolean =>
  statSync(resolve(folder, entry), { throwIfNoEntry: false }) !== undefined

/** Whether a path is a folder. */
export const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
