import { keyOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import { refOf } from '../objects/kinds.ts'

/** An object before and after. No before creates it, no after deletes it. */
export interface Change {
  readonly before?: KubeObject | undefined
  readonly after?: KubeObject | undefined
  /** How an update is written where it must be what another program sends; by the difference when left out. */
  readonly patch?: ExactPatch
}

/** A patch to the letter; it is bound to the version that was read when it is sent. */
export interface ExactPatch {
  readonly type: 'merge' | 'json'
  /** A merge patch (RFC 7386), or the operations of a JSON patch (RFC 6902); the difference when left out. */
  readonly body?: Readonly<Record<string, unknown>> | readonly object[]
  /** The part of the object that is written; all but its status when left out. */
  readonly subresource?: 'status'
  /** It holds whatever was written meanwhile, and is not bound to the version that was read. */
  readonly isUnbound?: true
}

/** The same change the other way round: undo. */
export const revert = ({ before, after }: Change): Change => ({ before: after, after: before })

/**
 * The object that a change is about; throws a TypeError for a change without either side, or of a foreign
 * kind.
 */
export function changedRef({ before, after }: Change): Ref {
  const object = after ?? before
  if (object === undefined) throw new TypeError('a change needs a before or an after')
  return refOf(object)
}

/**
 * Several changes of one object as one: the first before, the last after. The order of first appearance is
 * kept.
 */
export function merged(changes: readonly Change[]): readonly Change[] {
  const byKey = new Map<string, Change>()
  for (const change of changes) {
    const key = keyOf(changedRef(change))
    const first = byKey.get(key)
    byKey.set(key, first === undefined ? change : { before: first.before, after: change.after })
  }
  return [...byKey.values()].filter(({ before, after }) => before !== after)
}
