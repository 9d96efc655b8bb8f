import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { lostTargetOf, unknownTargetRule } from '../../facts/backends/lost-target.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { aboutBackend, routedBackends } from '../../facts/routed-backends.ts'

/** The rule for VirtualServices, for backends. */
export const unknownBackendTargetPort = eachRoute({
  ...unknownTargetRule,
  reads: ['Service', 'ReferenceGrant', ...backingKinds],
  needs: ['Service'],
  *check(view, route) {
    for (const backend of routedBackends(view, route)) {
      const { to, place, receives, isMirror } = backend
      if (to.service === undefined || to.fault !== undefined || (!receives && !isMirror)) continue
      const lost = lostTargetOf(view, to.service, { port: to.port, labels: {} })
      if (lost !== undefined) yield { ...lost, path: [...place, 'port'], about: aboutBackend(backend) }
    }
  },
})
