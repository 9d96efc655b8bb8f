import type { PlanStep } from '../../../routing/provider.ts'
import type { Change } from '../../../view/change.ts'
import { arrangedAround } from '../../../workloads/arranged.ts'
import { isRoute } from '../resolve/routes.ts'

/** Services and pods first, then routes, then what is removed: see {@link arrangedAround}. */
export const arrange = (changes: readonly Change[]): readonly PlanStep[] => arrangedAround(changes, isRoute)
