import type { Idle } from '../../../../routing/traffic.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { providersAt } from '../../resolve/registry.ts'
import { hostsOf } from '../../resolve/mesh.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { nameOf, type Carrier } from './carriers.ts'

/**
 * Why the mesh carries out no route of a VirtualService; undefined where it carries out some, or the input
 * does not tell.
 */
export function idleOf(
  view: ClusterView,
  { object, entries }: Carrier,
  { complete }: Completeness,
): Idle | undefined {
  if (entries.some(({ evaluation }) => evaluation.applications.length > 0)) return undefined
  const lost = entries.flatMap(({ evaluation }) => evaluation.lost)[0]
  if (lost !== undefined) {
    return {
      rule: 'conflicting-virtual-services',
      reason: `VirtualService ${nameOf(lost.owner)} has the host ${lost.host}: this one is ignored`,
    }
  }
  const bindings = entries.flatMap(({ evaluation }) => evaluation.bindings)
  const unserved = bindings.find(
    ({ gateway, servers }) => servers.length === 0 && (gateway !== undefined || complete),
  )
  if (unserved !== undefined) {
    const reason =
      unserved.gateway === undefined
        ? `there is no Gateway ${unserved.name}`
        : `Gateway ${unserved.name} serves none of its hosts`
    return { rule: 'unknown-gateway', reason: `${reason}: its routes are installed nowhere` }
  }
  const isKnown = entries.every(
    ({ root, evaluation }) =>
      !evaluation.isWaiting
      && (root !== object || hostsOf(view, root).some(host => providersAt(view, host).length > 0)),
  )
  return isKnown ? { rule: 'applies-nowhere', reason: 'no client and no gateway uses it' } : undefined
}
