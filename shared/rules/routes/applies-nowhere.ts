import { entriesIn } from '../../providers/istio/read/routes/carriers.ts'
import { idleOf } from '../../providers/istio/read/routes/idle.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import { routingNeeds, routingReads } from '../facts/destinations.ts'
import { expandHost, serviceOfHost } from '../../objects/hosts.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { formerly, type ClusterView } from '../../view/cluster-view.ts'
import { hostMeant } from '../../providers/istio/resolve/objects/host-meant.ts'
import { formatPath, type Rule, type Violation, type Worsening } from '../rule.ts'
import { meantTold } from '../facts/tells.ts'

/** A Service that goes takes its callers along; one that stays and is edited sends them past the routes. */
const worsening: Worsening = {
  summary:
    'An error in both if a change of the type or the ports of a Service takes it from the routes for it.',
  weigh({ before, after }, { ref }, settings) {
    const subject = after.get(ref) as VirtualService | undefined
    if (subject === undefined || formerly(after, ref) !== undefined) return undefined
    const isEdited = hostsOf(after, subject).some(host => {
      const named = serviceOfHost(host, after.mesh.clusterDomain)
      const service = named && ({ kind: 'Service', ...named } as const)
      return service && formerly(after, service) !== undefined && after.get(service) !== undefined
    })
    return isEdited && [...appliesNowhere.check(before, subject, settings)].length === 0
      ? { severity: { webhook: 'error', lint: 'error' } }
      : undefined
  },
}

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
    const mistaken = [...mistakenHosts(view, subject)]
    if (settings.folder === true && !settings.complete) yield* mistaken
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
      tells: [],
      ...(mistaken[0] === undefined
        ? takingNoRoutes(view, subject)
        : { message: mistaken[0].message, fix: mistaken[0].fix!, tells: mistaken[0].tells! }),
    }
  },
  worsening,
}

/** What is said of a VirtualService in the mesh whose host is provided by what takes no routes. */
function takingNoRoutes(
  view: ClusterView,
  subject: VirtualService,
): Partial<Pick<Violation, 'message' | 'fix' | 'tells'>> {
  if (!routingOf(subject).gateways.includes('mesh')) return {}
  for (const host of hostsOf(view, subject))
    for (const { ref, form, ports } of providersAt(view, host)) {
      const { kind, namespace, name } = ref
      const isAlias = form === 'alias'
      if (!isAlias && ports.some(({ protocol }) => protocol !== 'UDP')) continue
      const why = isAlias ? 'is of type ExternalName' : 'has no TCP port'
      return {
        message: `${kind} ${namespace}/${name} ${why}, so that no client uses the routes for ${host}`,
        fix: isAlias
          ? `Give Service ${namespace}/${name} the type ClusterIP, a selector and ports, or delete this VirtualService.`
          : `Add a TCP port to ${kind} ${namespace}/${name}, or delete this VirtualService.`,
        tells: [{ kind, namespace }],
      }
    }
  return {}
}

/** Hosts that nobody provides beside a Service that was probably meant: what the files themselves show to be wrong. */
function* mistakenHosts(view: ClusterView, subject: VirtualService): Iterable<Violation> {
  const { hosts, gateways, namespace } = routingOf(subject)
  if (!gateways.includes('mesh')) return
  for (const [i, written] of hosts.entries()) {
    const expanded = expandHost(written, namespace, view.mesh.clusterDomain)
    const meant = hostMeant(view, { written, expanded, namespace })
    if (meant === undefined) continue
    const path = ['spec', 'hosts', i]
    yield {
      path,
      message: `no Service provides ${expanded}, so that no client uses the routes for it; did you mean ${meant}?`,
      about: `host ${expanded}`,
      tells: meantTold(view, meant, namespace),
      absent: 'other',
      fix: `Set ${formatPath(path)}: ${meant}`,
    }
  }
}
