import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { refOf, type Kind } from '../../objects/kinds.ts'
import type { Change } from '../../view/change.ts'

/** Where a watch keeps what it saw: LiveView has this shape. */
export interface WatchedView {
  get(ref: Ref): KubeObject | undefined
  list(kind: Kind): readonly KubeObject[]
  put(object: KubeObject): void
  remove(ref: Ref): void
}

/** What happens to objects on their way into the view. */
export interface Keeping {
  readonly view: WatchedView
  /** What is kept of an object; undefined for one that is not kept at all. */
  readonly keep: (object: KubeObject) => KubeObject | undefined
  /** Told of every change, after the view has it. It may throw: that is reported and nothing else. */
  readonly onChange: (change: Change) => void
  readonly onProblem: (kind: Kind, error: unknown) => void
}

/**
 * The objects of one kind in the view. Nothing here throws: an object that cannot be kept is reported and
 * left out.
 */
export class KindStore {
  readonly #kind: Kind
  readonly #keeping: Keeping
  #size = 0

  constructor(kind: Kind, keeping: Keeping) {
    this.#kind = kind
    this.#keeping = keeping
  }

  get size(): number {
    return this.#size
  }

  /** Adds or replaces; returns whether the view held another version, or none. */
  put(object: KubeObject): boolean {
    return this.#guarded(() => {
      const before = this.#keeping.view.get(refOf(object))
      if (before !== undefined && before.metadata.resourceVersion === object.metadata.resourceVersion)
        return false
      const after = this.#keeping.keep(object)
      if (after === undefined) return this.remove(refOf(object))
      this.#keeping.view.put(after)
      if (before === undefined) this.#size++
      this.#tell({ before, after })
      return true
    })
  }

  /** Takes an object away; returns whether it was there. */
  remove(ref: Ref): boolean {
    return this.#guarded(() => {
      const before = this.#keeping.view.get(ref)
      if (before === undefined) return false
      this.#keeping.view.remove(ref)
      this.#size--
      this.#tell({ before })
      return true
    })
  }

  /** Takes away everything whose key is not among the given; returns how many there were. */
  retain(keys: ReadonlySet<string>): number {
    return this.#keeping.view
      .list(this.#kind)
      .map(refOf)
      .filter(ref => !keys.has(keyOf(ref)) && this.remove(ref)).length
  }

  #tell(change: Change): void {
    try {
      this.#keeping.onChange(change)
    } catch (error) {
      this.#keeping.onProblem(this.#kind, error)
    }
  }

  #guarded(act: () => boolean): boolean {
    try {
      return act()
    } catch (error) {
      this.#keeping.onProblem(this.#kind, error)
      return false
    }
  }
}
