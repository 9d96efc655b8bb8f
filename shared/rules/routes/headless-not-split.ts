import { refOf } from '../../objects/kinds.ts'
import type { Ref } from '../../objects/kube-object.ts'
import { quotedName } from '../../objects/text/escaped.ts'
import { selectedBy } from '../../providers/istio/resolve/endpoints.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import { hostsMeet } from '../../providers/istio/resolve/indexes/routing.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { statefulSetsNaming } from '../../workloads/service-workloads.ts'
import { serviceOf } from '../../workloads/version-services.ts'
import { formatClients, groundsOf, pathOf, routingNeeds, routingReads } from '../facts/destinations.ts'
import type { Rule, RuleSettings, Violation } from '../rule.ts'
import { clientsTold, delegateTold } from '../facts/tells.ts'

/**
 * To a sidecar a headless Service is a cluster of the type ORIGINAL_DST: each request goes to the pod whose
 * address the client looked up, whatever the
 * route says (convertResolution in pilot/pkg/networking/core, unless istiod runs with
 * PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES). Gateways choose among the
 * pods as elsewhere.
 */
export const headlessNotSplit: Rule<'VirtualService'> = {
  id: 'headless-not-split',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A route chooses between versions only of a Service with a cluster IP: '
    + 'for a headless Service, sidecars send each request to the pod that the client looked up.',
  fix:
    'Recreate the Service with a cluster IP (without clusterIP: None), '
    + 'or, where a StatefulSet names it as its serviceName, add a second Service with a cluster IP and route that one, '
    + 'or set PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES=true in istiod and disable this rule.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const { references } = evaluate(view, subject, settings)
    const byRoute = Map.groupBy(
      references.filter(({ idle, route }) => idle === undefined && route.section === 'http'),
      ({ route }) => route,
    )
    for (const [, all] of byRoute) {
      const ignored = all.filter(reference => isIgnored(view, { reference, all, subject, settings }))
      for (const [host, found] of Map.groupBy(ignored, reference => reference.host))
        yield violationOf(view, host, found)
    }
  },
}

interface Case {
  readonly reference: Reference
  /** All destinations of its route that get traffic. */
  readonly all: readonly Reference[]
  readonly subject: VirtualService
  readonly settings: RuleSettings
}

/** The clients whose sidecars do not choose. */
const openTo = ({ outcomes }: Reference): readonly DestinationOutcome[] =>
  outcomes.filter(
    ({ found, provider, client }) =>
      found === 'cluster' && provider?.form === 'headless' && !client.isGateway,
  )

/** Whether a destination gets other requests than the route says. */
function isIgnored(view: ClusterView, { reference, all, subject, settings }: Case): boolean {
  const open = openTo(reference)
  if (open.length === 0) return false
  if (reference.target.subset !== undefined)
    return open.some(outcome => choosesPods(view, outcome, { reference, settings }))
  // The pods of the host that was called are where the requests go anyhow.
  const isCalled = hostsOf(view, subject).some(called => hostsMeet(called, reference.host))
  return !isCalled && all.filter(({ target }) => !target.isMirror).length > 1
}

/**
 * Whether a subset is for some of the pods only, as far as the input tells: where all that run are of one
 * version, it is reached anyhow.
 */
function choosesPods(
  view: ClusterView,
  { provider, rule }: DestinationOutcome,
  { reference, settings }: Pick<Case, 'reference' | 'settings'>,
): boolean {
  const labels = rule?.subsets.get(reference.target.subset!) ?? {}
  const selected = selectedBy(view, provider!, { labels, complete: settings.complete })
  return selected === undefined || selected.awake === 0 || selected.running < selected.awake
}

/** The StatefulSets whose pods get their names by the Service. */
function statefulSetsOf(view: ClusterView, host: string): readonly Ref[] {
  const service = serviceOf(view, host)
  return service === undefined ? [] : statefulSetsNaming(view, service).map(refOf)
}

/** What to do where the Service has to stay headless. */
const besideHeadless = (host: string, set: Ref): string =>
  `Keep ${quotedName(host)} headless, as ${set.kind} ${set.namespace}/${set.name} names it. Add a second Service with its selector and ports `
  + 'and with a cluster IP, name that one in the hosts and destinations of this VirtualService and in the DestinationRule of its subsets, '
  + 'and let callers call it. Or set PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES=true in istiod and disable this rule.'

function violationOf(view: ClusterView, host: string, found: readonly Reference[]): Violation {
  const [first] = found as readonly [Reference]
  const { place, delegate } = first.route
  const isList = found.length > 1 && delegate === undefined && found.every(({ target }) => !target.isMirror)
  const subsets = [...new Set(found.flatMap(({ target }) => target.subset ?? []))].toSorted()
  const what =
    subsets.length === 0
      ? 'its share'
      : `${subsets.length === 1 ? 'subset' : 'subsets'} ${subsets.join(', ')}`
  const outcomes = found.flatMap(openTo)
  const sets = statefulSetsOf(view, host)
  return {
    path: isList ? [...place, 'route'] : pathOf(first, subsets.length === 0 ? 'host' : 'subset'),
    message:
      `${quotedName(host)} is headless: sidecars of clients in ${formatClients(outcomes)} `
      + `send requests to the pod that the client looked up and ignore ${what}`,
    about: `${host} ${subsets.join()}`,
    restsOn: groundsOf(view, { host, outcomes }),
    tells: [
      ...found.flatMap(delegateTold),
      ...clientsTold(outcomes),
      ...sets.map(({ kind, namespace }) => ({ kind, namespace })),
    ],
    ...(sets[0] !== undefined && { fix: besideHeadless(host, sets[0]) }),
  }
}
