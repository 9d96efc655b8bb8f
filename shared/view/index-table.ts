import type { KubeObject } from '../objects/kube-object.ts'
import { derivedOnce, derivingOnly, namesOf } from '../objects/unchecked.ts'
import type { Index } from './cluster-view.ts'
import type { MeshSettings } from './mesh.ts'

/** Up to so many objects a list takes a third of a set's memory and is as fast. */
const mostListed = 8

/**
 * The objects under each key of one index. Most keys have one or a few objects, which need no set: a large
 * cluster has 100,000 keys.
 */
export class IndexTable {
  readonly #byKey = new Map<string, KubeObject | KubeObject[] | Set<KubeObject>>()

  get(key: string): readonly KubeObject[] {
    const found = this.#byKey.get(key)
    if (found === undefined) return []
    return found instanceof Set || Array.isArray(found) ? [...found] : [found]
  }

  add(key: string, object: KubeObject): void {
    const found = this.#byKey.get(key)
    if (found === undefined || found === object) this.#byKey.set(key, object)
    else if (found instanceof Set) found.add(object)
    else if (!Array.isArray(found)) this.#byKey.set(key, [found, object])
    else if (!found.includes(object))
      this.#byKey.set(key, found.length < mostListed ? [...found, object] : new Set([...found, object]))
  }

  delete(key: string, object: KubeObject): void {
    const found = this.#byKey.get(key)
    if (found instanceof Set) found.delete(object)
    else if (Array.isArray(found))
      this.#keep(
        key,
        found.filter(other => other !== object),
      )
    if (found === object || (found instanceof Set && found.size === 0)) this.#byKey.delete(key)
  }

  #keep(key: string, objects: readonly KubeObject[]): void {
    if (objects.length > 1) this.#byKey.set(key, [...objects])
    else this.#byKey.set(key, objects[0]!)
  }
}

interface KeysByIndex {
  readonly mesh: MeshSettings
  readonly known: Map<Index, IndexKeys>
}

/** The keys of an object in an index. */
export class IndexKeys {
  readonly #list: readonly string[]
  #names: ReadonlySet<string> | undefined

  constructor(list: readonly string[]) {
    this.#list = list
  }

  has(key: string): boolean {
    if (this.#list.length <= mostListed) return this.#list.includes(key)
    this.#names ??= namesOf(this.#list)
    return this.#names.has(key)
  }

  hasOneOf(keys: ReadonlySet<string>): boolean {
    return this.#list.some(key => keys.has(key))
  }
}

const inMesh = derivedOnce((_: KubeObject): { current: KeysByIndex | undefined } => ({ current: undefined }))
/** An object with the same keys, of which they may be known. */
const alike = new WeakMap<KubeObject, KubeObject>()

/** The keys of an object in an index, derived once for each as long as the mesh's settings are the same. */
export function indexKeysOf(index: Index, object: KubeObject, mesh: MeshSettings): IndexKeys {
  const known = knownKeys(object, mesh)
  return known.get(index) ?? derived(known, index, { object, mesh })
}

/**
 * Whether an object has one of some keys, by the indexes of its kind. Its own keys are kept with it, and what they are
 * derived by is not: that is many times as large.
 */
export function isUnder(
  keys: ReadonlyMap<Index, ReadonlySet<string>>,
  object: KubeObject,
  mesh: MeshSettings,
): boolean {
  const known = knownKeys(object, mesh)
  const isKnown = known.size > 0 && keys.keys().every(index => known.has(index))
  if (!isKnown)
    derivingOnly(object, () => {
      for (const index of keys.keys()) if (!known.has(index)) derived(known, index, { object, mesh })
    })
  for (const [index, asked] of keys) if (known.get(index)!.hasOneOf(asked)) return true
  return false
}

function knownKeys(object: KubeObject, mesh: MeshSettings): Map<Index, IndexKeys> {
  const ofObject = inMesh(alike.get(object) ?? object)
  if (ofObject.current?.mesh !== mesh) ofObject.current = { mesh, known: new Map() }
  return ofObject.current.known
}

function derived(
  known: Map<Index, IndexKeys>,
  index: Index,
  { object, mesh }: { readonly object: KubeObject; readonly mesh: MeshSettings },
): IndexKeys {
  const keys = new IndexKeys(index.keysOf(object, mesh))
  known.set(index, keys)
  return keys
}

/** Notes that an object has the keys of another one in every index, so that they are not derived again. */
export function haveSameKeys(object: KubeObject | undefined, known: KubeObject | undefined): void {
  if (object !== undefined && known !== undefined && object !== known)
    alike.set(object, alike.get(known) ?? known)
}
