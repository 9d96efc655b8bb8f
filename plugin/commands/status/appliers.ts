import { refOf } from '../../../shared/objects/kinds.ts'
import { applierOf } from '../../../shared/plan/managers/managers.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { readOwners } from '../../read/read-owners.ts'
import type { AppliedObject } from '../../print/services/service-status.ts'
import type { Session } from '../../session.ts'
import { routingObjects } from './routing-objects.ts'

/** Reads what Argo CD, Flux and Helm apply of the services' routing objects; nothing is asked without their marks. */
export async function readAppliers(
  session: Session,
  services: readonly ServiceReading[],
): Promise<(reading: ServiceReading) => readonly AppliedObject[]> {
  const changes = services.flatMap(routingObjects).map(before => ({ before }))
  const owners = await readOwners(await session.store(), changes)
  return reading =>
    routingObjects(reading).flatMap(object => {
      const found = applierOf(object, owners)
      return found === undefined ? [] : [{ object: refOf(object), tool: found.tool, owner: found.owner }]
    })
}
