import type { VirtualService } from '../../../objects/virtual-service.ts'
import { hasMirrors } from '../read/record/mirrored-routes.ts'
import { idOf, type RoutedService } from '../read/routed-service.ts'
import { recordOf } from '../read/record/record.ts'
import { cohortsOf, forgetChosen, forgetStable, noteStable, withChosen, type NamedTarget } from './canary.ts'
import { dropMirrors, setMirrors, type MirrorEdit } from './mirrors.ts'
import { pinToStable, unpin } from './pin.ts'
import type { ChosenRoutes } from './split.ts'
import { withStableOf } from './annotations/stable.ts'

export interface MirroringEdit extends MirrorEdit {
  readonly service: RoutedService
  readonly stable: NamedTarget
  readonly chosen?: ChosenRoutes | undefined
}

/**
 * Mirrors set on a VirtualService, and which version everyone has. Where no route gets one, none of ours is left.
 */
export function startMirrors(
  virtualService: VirtualService,
  { service, stable, chosen, ...edit }: MirroringEdit,
): VirtualService {
  const pinned = pinToStable(withChosen(virtualService, service, chosen?.entries), service, {
    stable,
    isOn: chosen?.isOn,
  })
  const mirrored = setMirrors(pinned, service, edit)
  return hasMirrors(mirrored, service)
    ? noteStable(mirrored, service, stable.version)
    : endMirrors(virtualService, service)
}

/**
 * The mirrors of ours taken away. Where no cohort is left either, what was written down for their sake goes too,
 * so that the object is as it was.
 */
export function endMirrors(virtualService: VirtualService, service: RoutedService): VirtualService {
  if (!hasMirrors(virtualService, service)) return virtualService
  if (cohortsOf(virtualService, service).length > 0) return dropMirrors(virtualService, service)
  const wroteStable = recordOf(virtualService).restore?.stable?.includes(idOf(service)) === true
  const unmarked = forgetStable(virtualService, service)
  const bare = wroteStable ? withStableOf(forgetChosen(unmarked, service), service, undefined) : unmarked
  return unpin(dropMirrors(bare, service), service)
}
