import type { Labels, Ref } from '../../objects/kube-object.ts'
import { formatLabels } from '../../objects/labels.ts'
import { refOf } from '../../objects/kinds.ts'
import { emptinessOf } from '../../providers/istio/read/routes/emptiness.ts'
import { backingsBehind, selectedBy } from '../../providers/istio/resolve/endpoints.ts'
import { evaluate, type DestinationOutcome, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import { providerOfService, type HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { isDormant, mayMatch, type Backing } from '../../workloads/backings.ts'
import { unfollowedBy, type Unfollowed } from '../../workloads/pods/unfollowed.ts'
import { formatPath, type Finding, type RuleSettings, type Sides } from '../rule.ts'
import { nameOf, pathOf } from './destinations.ts'

/**
 * How a change took the last workload from a destination although that runs on, as the message of the finding on
 * the destination: a selector of a Service or labels of a workload that no longer match. Undefined where the
 * workloads are gone, or are only scaled to zero.
 */
export function lostSelection(sides: Sides, finding: Finding, settings: RuleSettings): string | undefined {
  const found = emptiedDestination(sides.after, finding, settings)
  const was = found === undefined ? undefined : serviceBefore(sides.before, found.provider)
  if (found?.provider.ref.kind !== 'Service' || was?.selector === undefined) return undefined
  return found.isLater
    ? lostLater(sides.before, was, found.labels)
      ? finding.message
      : undefined
    : lostNow({ ...sides, was, found }, finding, settings)
}

/** Whether the pods that run were followed by others before a change. */
const lostLater = (before: ClusterView, was: HostProvider, labels: Labels): boolean =>
  backingsOf(before, was, labels).length > 0 && unfollowedAt(before, was, labels) === undefined

interface Lost extends Sides {
  readonly was: HostProvider
  readonly found: EmptiedDestination
}

function lostNow(lost: Lost, { message }: Finding, { complete }: RuleSettings): string | undefined {
  const { before, was, found } = lost
  const name = `Service ${formatRef(was.ref)}`
  const [from, to] = [selectorText(was), selectorText(found.provider)]
  if (from === to) {
    const workload = lostWorkload(lost)
    return workload && `${message}: ${name} no longer selects ${workload.kind} ${formatRef(workload)}`
  }
  const had = selectedBy(before, was, { labels: found.labels, complete })
  if ((had?.running ?? 0) === 0) return undefined
  return to === undefined
    ? `${found.name} loses its pods: ${name} has no selector any more, before ${from}, so its EndpointSlices no longer follow them`
    : `${message}: ${name} now selects ${to}, before ${from}`
}

/** A workload that ran behind a Service with some labels before a change, and runs on without being behind it. */
function lostWorkload({ before, after, was, found }: Lost): Ref | undefined {
  const stays = new Set((backingsBehind(after, found.provider) ?? []).map(({ object }) => object))
  for (const { object } of backingsOf(before, was, found.labels)) {
    const now = object && after.get(refOf(object))
    if (now !== undefined && !stays.has(now) && !isDormant(now)) return refOf(now)
  }
  return undefined
}

const backingsOf = (view: ClusterView, provider: HostProvider, labels: Labels): readonly Backing[] =>
  (backingsBehind(view, provider) ?? []).filter(
    ({ isDormant: sleeps, labels: own }) => !sleeps && mayMatch(labels, own),
  )

/** The workload whose pods are the last with some labels behind a Service, and are not followed by others. */
export const unfollowedAt = (
  view: ClusterView,
  provider: HostProvider,
  labels: Labels,
): Unfollowed | undefined =>
  provider.selector === undefined || provider.ref.kind !== 'Service'
    ? undefined
    : unfollowedBy(view, {
        selector: provider.selector,
        labels,
        backings: backingsBehind(view, provider) ?? [],
      })

const formatRef = ({ namespace, name }: Ref): string => `${namespace}/${name}`

const selectorText = ({ selector }: HostProvider): string | undefined =>
  selector === undefined ? undefined : formatLabels(selector)

interface EmptiedDestination {
  readonly name: string
  /** Whether pods still run, and none follow them. */
  readonly isLater: boolean
  readonly provider: HostProvider
  readonly labels: Labels
}

/** The destination at the place of a finding, if no workload is behind it for any of its callers, or soon none will be. */
function emptiedDestination(
  view: ClusterView,
  { ref, path }: Finding,
  settings: RuleSettings,
): EmptiedDestination | undefined {
  const subject = view.get({ ...ref, kind: 'VirtualService' })
  if (subject === undefined) return undefined
  const reference = evaluate(view, subject, settings).references.find(
    each => formatPath(pathOf(each, fieldOf(each.target))) === formatPath(path),
  )
  if (reference?.target.isMirror !== false) return undefined
  const emptied = emptiedFor(reference, settings)
  const provider = emptied?.outcome.provider
  return provider === undefined
    ? undefined
    : {
        name: nameOf(reference),
        isLater: emptied!.isLater,
        provider,
        labels: labelsOfSubset(reference, emptied!.outcome),
      }
}

interface Emptied extends Pick<EmptiedDestination, 'isLater'> {
  readonly outcome: DestinationOutcome
}

function emptiedFor(reference: Reference, settings: RuleSettings): Emptied | undefined {
  const emptiness = emptinessOf(reference, settings)
  if (emptiness === undefined) {
    const outcome = reference.outcomes.find(({ found }) => found === 'cluster')
    return outcome && { outcome, isLater: true }
  }
  const { outcome, selected } = emptiness.empty[0]!
  return emptiness.isPartial || selected.dormant > 0 ? undefined : { outcome, isLater: false }
}

/** What a destination asks of its pods besides the selector of the Service, as its caller applies it. */
export const labelsOfSubset = ({ target }: Reference, { rule }: DestinationOutcome): Labels =>
  (target.subset === undefined ? undefined : rule?.subsets.get(target.subset)) ?? {}

const fieldOf = ({ subset }: Reference['target']): 'host' | 'subset' =>
  subset === undefined ? 'host' : 'subset'

function serviceBefore(before: Sides['before'], { ref }: HostProvider): HostProvider | undefined {
  const service = ref.kind === 'Service' ? before.get({ ...ref, kind: 'Service' }) : undefined
  return service === undefined ? undefined : providerOfService(service)
}
