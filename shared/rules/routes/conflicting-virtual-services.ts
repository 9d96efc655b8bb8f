import { firstPlaces } from '../../objects/text/first-places.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { areAgesUnknown } from '../../providers/istio/resolve/mesh/owners.ts'
import { evaluate } from '../../providers/istio/resolve/evaluate.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
import type { Rule } from '../rule.ts'

/**
 * Inside the mesh nothing is merged: the oldest VirtualService for a host has it, the others are as if they
 * were not there.
 */
export const conflictingVirtualServices: Rule<'VirtualService'> = {
  id: 'conflicting-virtual-services',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'In the mesh, a host has one VirtualService.',
  fix: 'Put the routes into one VirtualService, or remove the host from one of them.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const { lost, applications } = evaluate(view, subject, settings)
    if (lost.length === 0) return
    const clients = new Set([
      ...applications.filter(({ gateway }) => gateway === 'mesh').map(({ client }) => client),
      ...lost.map(({ client }) => client),
    ])
    const places = firstPlaces(hostsOf(view, subject))
    for (const [host, all] of Map.groupBy(lost, loss => loss.host)) {
      // Where only some clients prefer another one, it was made for them.
      if (new Set(all.map(({ client }) => client)).size < clients.size) continue
      const owner = all[0]!.owner
      const name = `${namespaceOf(owner)}/${owner.metadata.name}`
      yield {
        path: ['spec', 'hosts', places.get(host) ?? 0],
        message: all.every(({ client }) => areAgesUnknown(view, [owner, subject], client.namespace))
          ? `VirtualService ${name} has the host ${host}, too: Istio ignores the younger of the two (files do not tell their ages: the one written first counts as the older)`
          : `VirtualService ${name} already has the host ${host}: the routes of this one are ignored`,
        about: `${host} ${name}`,
        tells: [{ kind: 'VirtualService', namespace: namespaceOf(owner) }],
        restsOn: [{ kind: 'VirtualService', namespace: namespaceOf(owner), name: owner.metadata.name }],
      }
    }
  },
}
