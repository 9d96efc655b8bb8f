import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'

/** A command that deletes several objects has deleted the routes by then. */
export const retry = 'or run the same command again if it deletes both'

/** A deletion does not tell that it is the first half of `kubectl replace --force`. */
export const replacing = (ref: Ref): string =>
  `To replace ${keyOf(ref)}, use kubectl replace without --force.`
