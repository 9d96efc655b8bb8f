import type { Labels, Ref } from '../../objects/kube-object.ts'
import { formatLabels } from '../../objects/labels.ts'
import { emptinessOf } from '../../providers/istio/read/routes/emptiness.ts'
import { selectedBy } from '../../providers/istio/resolve/endpoints.ts'
import { evaluate, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import { providerOfService, type HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { formatPath, type Finding, type RuleSettings, type Sides } from '../rule.ts'
import { nameOf, pathOf } from './destinations.ts'

/** A Service whose new selector selects nothing for a route, and what it selected by before, as text. */
export interface LostSelection {
  /** What the route leads to, as people say it. */
  readonly destination: string
  readonly service: Ref
  readonly before: string
  /** Undefined where the Service has no selector any more. */
  readonly after: string | undefined
}

/**
 * The change of a Service's selector by which a destination without any workload lost all those that it had;
 * undefined where the workloads are gone, or are only scaled to zero. `finding` is one on the destination.
 */
export function lostSelection(
  sides: Sides,
  finding: Finding,
  settings: RuleSettings,
): LostSelection | undefined {
  const found = emptyDestination(sides.after, finding, settings)
  const was = found === undefined ? undefined : serviceBefore(sides.before, found.provider)
  if (found?.provider.ref.kind !== 'Service' || was?.selector === undefined) return undefined
  const [from, to] = [formatLabels(was.selector), selectorText(found.provider)]
  if (from === to) return undefined
  const had = selectedBy(sides.before, was, { labels: found.labels, complete: settings.complete })
  return (had?.running ?? 0) === 0
    ? undefined
    : { destination: found.name, service: found.provider.ref, before: from, after: to }
}

const selectorText = ({ selector }: HostProvider): string | undefined =>
  selector === undefined ? undefined : formatLabels(selector)

interface EmptyDestination {
  readonly name: string
  readonly provider: HostProvider
  readonly labels: Labels
}

/** The destination at the place of a finding, if no workload is behind it for any of its callers. */
function emptyDestination(
  view: ClusterView,
  { ref, path }: Finding,
  settings: RuleSettings,
): EmptyDestination | undefined {
  const subject = view.get({ ...ref, kind: 'VirtualService' })
  if (subject === undefined) return undefined
  const reference = evaluate(view, subject, settings).references.find(
    each => formatPath(pathOf(each, fieldOf(each.target))) === formatPath(path),
  )
  const emptiness = reference === undefined ? undefined : emptinessOf(reference, settings)
  if (reference?.target.isMirror !== false || emptiness?.isPartial !== false) return undefined
  const { outcome, selected } = emptiness.empty[0]!
  return outcome.provider === undefined || selected.dormant > 0
    ? undefined
    : {
        name: nameOf(reference),
        provider: outcome.provider,
        labels: outcome.rule?.subsets.get(reference.target.subset ?? '') ?? {},
      }
}

const fieldOf = ({ subset }: Reference['target']): 'host' | 'subset' =>
  subset === undefined ? 'host' : 'subset'

function serviceBefore(before: Sides['before'], { ref }: HostProvider): HostProvider | undefined {
  const service = ref.kind === 'Service' ? before.get({ ...ref, kind: 'Service' }) : undefined
  return service === undefined ? undefined : providerOfService(service)
}
