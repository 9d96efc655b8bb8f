import { entriesIn } from '../../providers/istio/read/routes/carriers.ts'
import { idleOf } from '../../providers/istio/read/routes/idle.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
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
    const entries = entriesIn(view, subject, settings)
    if (entries.some(({ root }) => root !== subject)) return
    if (idleOf(view, { object: subject, entries }, settings)?.rule !== 'applies-nowhere') return
    const { hosts } = routingOf(subject)
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
