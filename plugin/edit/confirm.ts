import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf, namespaceOf, type KubeObject, type Ref } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import type { Confirmation } from '../../shared/routing/provider.ts'
import type { Store } from '../../shared/view/store.ts'
import type { Pace } from './pace.ts'

/** A written object that its controller refuses, or has not confirmed in time. */
export interface Unconfirmed {
  readonly ref: Ref
  readonly confirmation: Exclude<Confirmation, { readonly state: 'confirmed' | 'unknown' }>
}

/** How long a controller may take to say what it makes of a change, and how often it is asked, in milliseconds. */
const [atMost, lookEvery] = [10_000, 500]

/**
 * What controllers say of the objects of a plan that were written, as far as they said anything of them before. One
 * that was refused already is none of the plan's faults.
 */
export async function unconfirmed(
  store: Store,
  { changes, confirms }: Pick<Plan, 'changes' | 'confirms'>,
  { pace, signal }: { readonly pace?: Pace | undefined; readonly signal?: AbortSignal | undefined },
): Promise<readonly Unconfirmed[]> {
  if (confirms === undefined || pace === undefined) return []
  const asked = changes.flatMap(({ before, after }) =>
    before !== undefined && after !== undefined && isTold(confirms(before)) ? [after] : [],
  )
  if (asked.length === 0) return []
  for (let waited = 0; ; waited += lookEvery) {
    const left = await lookAt(store, asked, confirms)
    const isPending = left.some(({ confirmation: { state } }) => state === 'pending')
    if (!isPending || waited >= atMost || signal?.aborted === true) return left
    await pace.wait(lookEvery).catch(() => undefined)
  }
}

const isTold = ({ state }: Confirmation): boolean => state === 'confirmed' || state === 'pending'

async function lookAt(
  store: Store,
  asked: readonly KubeObject[],
  confirms: (object: KubeObject) => Confirmation,
): Promise<readonly Unconfirmed[]> {
  const refs = asked.map(refOf)
  const { view } = await store.read({
    namespaces: [...new Set(asked.map(namespaceOf))],
    kinds: [...new Set(refs.map(({ kind }) => kind))],
  })
  return refs.flatMap((ref): readonly Unconfirmed[] => {
    const object = view.get(ref)
    const confirmation = object === undefined ? undefined : confirms(object)
    return confirmation?.state === 'pending' || confirmation?.state === 'refused'
      ? [{ ref, confirmation }]
      : []
  })
}

/** The first object that was written and that its controller refuses, as a sentence without a full stop. */
export function notAccepted(all: readonly Unconfirmed[]): string | undefined {
  for (const { ref, confirmation } of all)
    if (confirmation.state === 'refused')
      return `${keyOf(ref)} is written, but ${confirmation.by} does not carry it out: ${confirmation.reason}`
  return undefined
}

/** Throws a CanaryError `failed` for an object that was written and that its controller refuses. */
export function requireConfirmed(all: readonly Unconfirmed[], undo: string): void {
  const why = notAccepted(all)
  if (why !== undefined) throw new CanaryError('failed', why, { hints: [`To take the change back: ${undo}`] })
}
