import type { PlanStep, RetiredVersions, ServiceReading } from '../../../routing/provider.ts'
import type { Change } from '../../../view/change.ts'
import { arrangedAround } from '../../../workloads/arranged.ts'
import { retireServices } from '../../../workloads/retire-services.ts'
import { routesAbout } from '../read/applications.ts'
import { readService } from '../read/reading.ts'
import { isApisixRoute } from '../resolve/rules.ts'

/** Services and pods first, then routes, then what is removed. */
export const arrange = (changes: readonly Change[]): readonly PlanStep[] =>
  arrangedAround(changes, isApisixRoute)

/** Deletes the Services that were made for versions and that no route names; the others are told. */
export const retire = (
  { view, service, complete }: ServiceReading,
  names: readonly string[],
): RetiredVersions =>
  retireServices(readService(view, service, { complete }), {
    names,
    routesAbout: host => routesAbout(view, host),
  })
