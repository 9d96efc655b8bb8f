import { refOf } from '../../objects/kinds.ts'
import { expandHost } from '../../objects/hosts.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { ruleHost } from '../../providers/istio/resolve/indexes/routing.ts'
import { providersAt, serviceMeant } from '../../providers/istio/resolve/registry.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import {
  aboutReference,
  groundsOf,
  ownerOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import { formatPath, type Path, type Rule, type RuleSettings, type Violation } from '../rule.ts'
import { delegateTold } from '../facts/tells.ts'

const shared = {
  id: 'unexpanded-host',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'A host names its Service without a dot, which Istio completes, or by its full name: other forms are not completed.',
  fix: 'Write `name` for a Service in the same namespace, else `name.namespace.svc.cluster.local`, in lower case and without a trailing dot.',
} as const

const saying = (host: string, intended: string): string =>
  `Istio does not complete ${host}, so it is not a Service; write ${intended}`
const setting = (path: Path, host: string): string => `Set ${formatPath(path)}: ${host}`

/**
 * In a destination, where it leads nowhere, and among a mesh VirtualService's own hosts, where it applies to
 * nothing.
 */
export const unexpandedHost: Rule<'VirtualService'> = {
  ...shared,
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    yield* inDestinations(view, subject, settings)
    yield* inOwnHosts(view, subject, settings)
  },
}

function* inDestinations(
  view: ClusterView,
  subject: VirtualService,
  settings: RuleSettings,
): Iterable<Violation> {
  for (const { fault, reference, intended, isIdle, family } of diagnosesOf(view, subject, settings)) {
    if (fault !== 'unexpanded-host') continue
    const path = pathOf(reference, 'host')
    yield {
      path,
      ...writtenIn(reference, 'host'),
      message: saying(reference.target.host, intended!),
      about: aboutReference(reference),
      fix:
        reference.route.delegate === undefined
          ? setting(path, intended!)
          : `Replace ${reference.target.host} with ${intended} in ${ownerOf(reference)}.`,
      family: family ?? deadDestination,
      ...(isIdle ? { severity: { webhook: 'warning', lint: 'warning' } } : {}),
      restsOn: groundsOf(view, reference),
      tells: delegateTold(reference),
    }
  }
}

function* inOwnHosts(
  view: ClusterView,
  subject: VirtualService,
  settings: RuleSettings,
): Iterable<Violation> {
  const { hosts, gateways, namespace, routes } = routingOf(subject)
  if (!gateways.includes('mesh')) return
  const expanded = hosts.map(written => expandHost(written, namespace, view.mesh.clusterDomain))
  const isHttpOnly = routes.every(({ section }) => section === 'http')
  for (const [i, host] of expanded.entries()) {
    // Where only the case is wrong, http routes still apply.
    if (isHttpOnly && providersAt(view, host.toLowerCase()).length > 0) continue
    const intended = serviceMeant(view, host)
    // Beside one that covers the right one it does no harm; Knative lists every spelling.
    if (intended === undefined || expanded.some(other => covers(other, intended))) continue
    const path = ['spec', 'hosts', i]
    yield {
      path,
      message: saying(hosts[i]!, intended),
      about: `hosts ${host}`,
      tells: [],
      fix: setting(path, intended),
      severity: { webhook: 'warning', lint: settings.complete ? 'error' : 'warning' },
    }
  }
}

const covers = (host: string, other: string): boolean =>
  host === other || (host.startsWith('*') && other.endsWith(host.slice(1)))

/** In a DestinationRule, where it makes the rule one for nobody. */
export const unexpandedRuleHost: Rule<'DestinationRule'> = {
  ...shared,
  subject: 'DestinationRule',
  reads: ['Service', 'ServiceEntry'],
  *check(view, subject, settings) {
    const host = ruleHost(subject, view.mesh)
    const intended = host === undefined || host.startsWith('*') ? undefined : serviceMeant(view, host)
    if (host === undefined || intended === undefined) return
    yield {
      path: ['spec', 'host'],
      message: saying(subject.spec.host, intended),
      about: host,
      tells: [],
      fix: patchCommand(refOf(subject), 'merge', { spec: { host: intended } }),
      sets: { ref: refOf(subject), path: ['spec', 'host'], value: intended },
      severity: { webhook: 'warning', lint: settings.complete ? 'error' : 'warning' },
    }
  },
}
