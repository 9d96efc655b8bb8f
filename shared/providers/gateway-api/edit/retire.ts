import type { RetiredVersions, ServiceReading } from '../../../routing/provider.ts'
import { retireServices } from '../../../workloads/retire-services.ts'
import { readService } from '../read/reading.ts'
import { routesAbout } from '../read/services/service-hosts.ts'

/** Deletes the Services that were made for versions and that no route names; the others are told. */
export const retire = (
  { view, service, complete }: ServiceReading,
  names: readonly string[],
): RetiredVersions =>
  retireServices(readService(view, service, { complete }), {
    names,
    routesAbout: host => routesAbout(view, host),
  })
