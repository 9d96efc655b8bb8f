import type { KubeObject } from '../objects/kube-object.ts'

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
