import { CanaryError } from '../objects/canary-error.ts'
import { namespaceOf } from '../objects/kube-object.ts'
import type { OwnedObject } from './provider.ts'

/** Throws a CanaryError `refused` for an object that a controller would set back at once. */
export function refuseOwned({ object, owner }: OwnedObject): void {
  throw new CanaryError(
    'refused',
    `${object.kind} ${namespaceOf(object)}/${object.metadata.name} belongs to ${owner}, which would set any edit back`,
    {
      hints: [`Change ${owner} instead, or remove its ownership first to do the rollout by hand.`],
    },
  )
}
