import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import { evaluate, type Evaluation } from '../../providers/istio/resolve/evaluate.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
import { serviceMeant } from '../../providers/istio/read/routes/diagnoses.ts'
import { ignoredOn } from '../facts/ignored-routes.ts'
import type { Rule } from '../rule.ts'

/** Dead configuration that looks alive. */
export const appliesNowhere: Rule<'VirtualService'> = {
  id: 'applies-nowhere',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A VirtualService is used: by sidecars for a host that exists in the mesh, by a gateway, or as a delegate.',
  fix: 'Correct its hosts, gateways or exportTo, or delete it.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: [...routingNeeds, 'Gateway', 'Sidecar'],
  *check(view, subject, settings) {
    if (!settings.complete) return
    const evaluation = evaluate(view, subject, settings)
    if (evaluation.isDelegated || evaluation.applications.length > 0) return
    const { hosts } = routingOf(subject)
    if (hosts.length > 0 && isExplained(view, subject, evaluation)) return
    yield {
      path: hosts.length > 0 ? ['spec', 'hosts'] : ['spec'],
      message:
        hosts.length > 0
          ? `no client and no gateway uses these routes for ${hosts.join(', ')}`
          : 'has no hosts, and no VirtualService delegates to it',
      about: 'unused',
      absent: 'other',
    }
  },
}

/** Whether another rule says why. */
const isExplained = (view: ClusterView, subject: VirtualService, { lost, bindings }: Evaluation): boolean =>
  lost.length > 0
  || bindings.some(({ servers }) => servers.length === 0)
  || delegatedRoutes(view, subject).broken.length > 0
  || ignoredOn(view, subject).length > 0
  || hostsOf(view, subject).some(
    host => providersAt(view, host).length === 0 && serviceMeant(view, host) !== undefined,
  )
