import {
  aboutReference,
  formatClients,
  groundsOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import { expandHost, serviceOfHost } from '../../objects/hosts.ts'
import { refOf } from '../../objects/kinds.ts'
import { exportingProvider, importingProvider } from '../fixes/export-provider.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import { fieldsOf, textOf } from '../../objects/unchecked.ts'
import { hostMeant } from '../../providers/istio/resolve/objects/host-meant.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { evaluate, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import { formerly, type ClusterView } from '../../view/cluster-view.ts'
import { formatPath, type Rule, type Violation, type Worsening } from '../rule.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/outcome.ts'
import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { providersAt } from '../../providers/istio/resolve/registry.ts'
import { clientsTold, delegateTold, meantTold } from '../facts/tells.ts'

/** A Service that goes is the deploy tool's affair; one that stays and is edited so that nobody gets to it breaks the route. */
const worsening: Worsening = {
  summary:
    'An error in both if a change of the type or the exportTo annotation of a Service takes it from all clients of a route.',
  weigh({ before, after }, finding, settings) {
    const subject = after.get(finding.ref) as VirtualService | undefined
    if (subject === undefined || formerly(after, finding.ref) !== undefined) return undefined
    const isIts = (reference: Reference): boolean =>
      formatPath(pathOf(reference, 'host')) === formatPath(finding.path) && !reference.target.isMirror
    const lost = diagnosesOf(after, subject, settings).find(
      ({ fault, reference }) => fault === 'unknown-host' && isIts(reference),
    )
    const service = lost && serviceOfHost(lost.reference.host, after.mesh.clusterDomain)
    const ref = service && ({ kind: 'Service', ...service } as const)
    // It was there, and still is.
    if (ref === undefined || formerly(after, ref) === undefined || after.get(ref) === undefined)
      return undefined
    const was = evaluate(before, subject, settings).references.find(isIts)
    return was?.idle === undefined && was?.outcomes.some(({ found }) => found === 'cluster') === true
      ? { severity: { webhook: 'error', lint: 'error' }, absent: 'other' }
      : undefined
  },
}

/**
 * Only a warning: Services come and go before and after the routes to them, in every deployment tool's own
 * order.
 */
export const unknownHost: Rule<'VirtualService'> = {
  id: 'unknown-host',
  family: deadDestination,
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A Service or ServiceEntry that the clients see provides every host that a route or a DestinationRule names.',
  fix: 'Create the Service, or correct its name: `name` in the same namespace, else `name.namespace.svc.cluster.local`.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const { fault, reference, failing } of diagnosesOf(view, subject, settings)) {
      if (fault !== 'unknown-host') continue
      const isPartial = failing.length > 0 && failing.length < reference.outcomes.length
      const { target, host, route } = reference
      const { host: written, namespace } = target
      const meant = hostMeant(view, { written, expanded: host, namespace })
      const path = pathOf(reference, 'host')
      const read = settings.complete ? '' : ' that was read'
      const known = providing(view, { host, failing })
      const isMeantHere = route.delegate === undefined && meant !== undefined
      const fix = isMeantHere
        ? { fix: `Set ${formatPath(path)}: ${meant}` }
        : known && fixFor(view, known, { host, failing })
      yield {
        path,
        ...writtenIn(reference, 'host'),
        message:
          known === undefined
            ? `no Service or ServiceEntry${read} provides ${host}${didYouMean(meant)}`
            : saysOf(view, known, { host, failing, read }),
        about: aboutReference(reference),
        ...(isPartial ? { family: 'unknown-host' } : {}),
        absent: 'host',
        ...fix,
        restsOn: groundsOf(view, reference),
        tells: [
          ...delegateTold(reference),
          ...meantTold(view, meant, namespace),
          ...(known === undefined
            ? []
            : [{ kind: known.ref.kind, namespace: known.ref.namespace }, ...clientsTold(failing)]),
        ],
      }
    }
  },
  worsening,
}

/** What provides the host after all. Where nobody fails for sure, only an alias: its target may be in what was not read. */
function providing(view: ClusterView, { host, failing }: UnseenHost): HostProvider | undefined {
  const [first] = providersAt(view, host)
  return failing.length > 0 || first?.form === 'alias' ? first : undefined
}

const didYouMean = (meant: string | undefined): string =>
  meant === undefined ? '' : `; did you mean ${meant}?`

/** What is wrong with a host that something provides. */
const saysOf = (
  view: ClusterView,
  provider: HostProvider,
  { host, failing, read }: UnseenHost & { readonly read: string },
): string => {
  if (provider.form === 'alias')
    return `${host} is an alias of ${provider.target}, which no Service or ServiceEntry${read} provides`
  const isImportMissing = importingProvider(view, provider, { host, failing }) !== undefined
  const why = isImportMissing ? ': their Sidecar does not import it' : ''
  return `${host} is not visible to clients in ${formatClients(failing)}${why}`
}

interface UnseenHost {
  readonly host: string
  readonly failing: readonly DestinationOutcome[]
}

/**
 * A DestinationRule for a host that nobody provides is for nobody. Where the input is not the whole world, only where
 * a Service was probably meant.
 */
export const unknownRuleHost: Rule<'DestinationRule'> = {
  id: 'unknown-host',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: unknownHost.summary,
  fix: unknownHost.fix,
  subject: 'DestinationRule',
  reads: ['Service', 'ServiceEntry'],
  *check(view, subject, { complete, folder }) {
    const written = textOf(fieldsOf(subject.spec)['host'])
    if (written === undefined || written.startsWith('*')) return
    const namespace = namespaceOf(subject)
    const expanded = expandHost(written, namespace, view.mesh.clusterDomain)
    if (providersAt(view, expanded).length > 0) return
    const meant = hostMeant(view, { written, expanded, namespace })
    // Other hosts are as a rule those of ServiceEntries elsewhere.
    const isOfCluster = serviceOfHost(expanded, view.mesh.clusterDomain) !== undefined
    if (!isOfCluster && (folder !== true || meant === undefined)) return
    if (!complete && (folder !== true || meant === undefined)) return
    const sets = { ref: refOf(subject), path: ['spec', 'host'], value: meant }
    yield {
      path: sets.path,
      message: `no Service provides ${expanded}, so the DestinationRule has no effect${didYouMean(meant)}`,
      about: expanded,
      tells: meantTold(view, meant, namespace),
      absent: 'host',
      ...(meant === undefined
        ? {}
        : { fix: patchCommand(sets.ref, 'merge', { spec: { host: meant } }), sets }),
    }
  },
}

function fixFor(
  view: ClusterView,
  provider: HostProvider,
  unseen: UnseenHost,
): Pick<Violation, 'fix' | 'sets'> {
  if (provider.form === 'alias')
    return { fix: `Create a ServiceEntry for ${provider.target}, or route to a Service that has pods.` }
  const importing = importingProvider(view, provider, unseen)
  return importing === undefined ? exportingProvider(provider, unseen.failing) : { fix: importing }
}
