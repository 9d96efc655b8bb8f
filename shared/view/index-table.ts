import type { KubeObject } from '../objects/kube-object.ts'

/** The objects under each key of one index. Most keys have a single object, which then needs no set of its own: a large cluster has 100,000 keys. */
export class IndexTable {
  readonly #byKey = new Map<string, KubeObject | Set<KubeObject>>()

  get(key: string): readonly KubeObject[] {
    const found = this.#byKey.get(key)
    return found === undefined ? [] : found instanceof Set ? [...found] : [found]
  }

  add(key: string, object: KubeObject): void {
    const found = this.#byKey.get(key)
    if (found === undefined || found === object) this.#byKey.set(key, object)
    else if (found instanceof Set) found.add(object)
    else this.#byKey.set(key, new Set([found, object]))
  }

  delete(key: string, object: KubeObject): void {
    const found = this.#byKey.get(key)
    if (found instanceof Set) found.delete(object)
    if (found === object || found instanceof Set && found.size === 0) this.#byKey.delete(key)
  }
}
