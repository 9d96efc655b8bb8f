import { namespaceOf } from '../../../shared/objects/kube-object.ts'
import { controlledWithVersions } from '../../../shared/plan/controllers/controlled-versions.ts'
import type { ControlledRollout, ControllerState } from '../../../shared/routing/controller.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { readParts } from '../../read/read-parts.ts'
import type { Session } from '../../session.ts'

/** The controller that owns each service by `NAMESPACE/NAME`, and how far its rollout is. */
export async function controllersOfServices(
  session: Session,
  services: readonly ServiceReading[],
): Promise<ReadonlyMap<string, ControllerState>> {
  const owned = services.flatMap(reading => {
    const rollout = rolloutOf(reading)
    return rollout === undefined ? [] : [{ reading, rollout }]
  })
  if (owned.length === 0) return new Map()
  const parts = await readParts(
    await session.store(),
    owned.map(({ rollout }) => rollout),
  )
  return new Map(
    owned.map(({ reading: { traffic, view }, rollout: { controller, object } }) => {
      const own = parts.filter(part => namespaceOf(part) === namespaceOf(object))
      return [`${traffic.namespace}/${traffic.service}`, controller.state(view, object, own)]
    }),
  )
}

/** By the Service, or by one that is a version of it. */
const rolloutOf = ({ view, service }: ServiceReading): ControlledRollout | undefined =>
  controlledWithVersions(view, service)[0]

/** Whether a controller is rolling a version of the service out. */
export function isDelivered(reading: ServiceReading): boolean {
  const rollout = rolloutOf(reading)
  return rollout?.controller.isUnderWay(rollout.object) === true
}
