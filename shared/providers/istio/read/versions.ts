import { compareNaturally } from '../../../objects/text/natural-order.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { versionKeyOf, versionSaid } from '../../../objects/labels.ts'
import { once } from '../../../view/session.ts'
import { clientsOfHost, type Client } from '../resolve/clients.ts'
import { ruleFor, type MergedRule } from '../resolve/destination-rules.ts'
import { mayMatch } from '../../../workloads/backings.ts'
import type { Completeness } from '../resolve/outcome.ts'
import { providersAt } from '../resolve/registry.ts'
import { carriersOf } from './routes/carriers.ts'
import { distinctlyNamed, targetsNamed, versionServicesOf } from './applications/versions.ts'
import { hostOf, keyOfService, type RoutedService } from './routed-service.ts'
import type { DefinedSubset, IstioVersion } from './istio-version.ts'
import { workloadsBehind } from './workloads.ts'

export { targetOf, versionAt, versionNamed, type DefinedSubset, type IstioVersion } from './istio-version.ts'

/** A caller of the Service's routes, and the one DestinationRule that it applies. */
export interface CallerRule {
  readonly client: Client
  readonly rule: MergedRule | undefined
}

/**
 * Who calls the Service by its routes, and the DestinationRule that each applies: the clients of the
 * VirtualServices that are in effect. Where none
 * is, those that could call the host. The Service's own namespace and the callers without labels come first.
 */
export function callerRulesOf(
  view: ClusterView,
  service: RoutedService,
  completeness: Completeness,
): readonly CallerRule[] {
  return once(view, [callerRulesOf, `${keyOfService(service)} ${completeness.complete}`], () => {
    const host = hostOf(service)
    const carriers = carriersOf(view, service, completeness).filter(({ leadsElsewhere }) => !leadsElsewhere)
    const clients = carriers.flatMap(({ entries }) =>
      entries.flatMap(({ evaluation }) => evaluation.applications.map(({ client }) => client)),
    )
    const all = clients.length > 0 ? clients : clientsOfHost(view, host)
    const distinct = [...new Map(all.map(client => [JSON.stringify(client), client])).values()]
    const namespace = providersAt(view, host)[0]?.namespace ?? service.namespace
    return distinct.map(client => ({ client, rule: ruleFor(view, { host, namespace }, client) }))
  })
}

/** Every subset that some caller of the Service knows; of two of one name the first definition counts. */
export function subsetsOf(
  view: ClusterView,
  service: RoutedService,
  completeness: Completeness,
): readonly DefinedSubset[] {
  const found = new Map<string, DefinedSubset>()
  for (const { rule } of callerRulesOf(view, service, completeness)) {
    for (const [name, labels] of rule?.subsets ?? []) if (!found.has(name)) found.set(name, { name, labels })
  }
  return [...found.values()]
}

/**
 * The versions of a Service, by name: the subsets that its callers know, and the version labels of workloads
 * for which there is no subset yet; or the Services that are its versions.
 */
export function versionsOf(
  view: ClusterView,
  service: RoutedService,
  completeness: Completeness,
): readonly IstioVersion[] {
  return once(view, [versionsOf, `${keyOfService(service)} ${completeness.complete}`], () => {
    const whole = service.hosts === undefined ? [] : versionServicesOf(view, service)
    const own = isDividedItself(view, service) ? subsetVersionsOf(view, service, completeness) : []
    return distinctlyNamed([...whole, ...own.filter(version => !isTaken(version, whole))]).toSorted((a, b) =>
      compareNaturally(a.name, b.name),
    )
  })
}

/** The versions of the service's own host: where others are Services, only if routes divide it into subsets. */
const isDividedItself = (view: ClusterView, service: RoutedService): boolean =>
  service.hosts === undefined
  || targetsNamed(view, service).some(({ host, subset }) => host === undefined && subset !== undefined)

/** Pods without a subset that have a Service of their own are that version. */
const isTaken = ({ name, subset }: IstioVersion, whole: readonly IstioVersion[]): boolean =>
  subset === undefined && whole.some(other => other.name === name)

/** The versions that are subsets of the service's own host, or can become such. */
function subsetVersionsOf(
  view: ClusterView,
  service: RoutedService,
  completeness: Completeness,
): readonly IstioVersion[] {
  const workloads = workloadsBehind(view, service)
  const subsets = subsetsOf(view, service, completeness)
  const callers = callerRulesOf(view, service, completeness)
  const defined = subsets.map(subset => ({
    name: nameOf(subset, subsets),
    subset,
    workloads: workloads.filter(({ labels }) => mayMatch(subset.labels, labels)),
    unseenBy: callers.filter(({ rule }) => !rule?.subsets.has(subset.name)).map(({ client }) => client),
  }))
  const key = versionKeyOf((subsets.length > 0 ? subsets : workloads).map(({ labels }) => labels))
  const covered = new Set(subsets.map(({ labels }) => labels[key]))
  const bare = [...new Set(workloads.map(({ labels }) => labels[key]))]
    .filter(label => label !== undefined && !covered.has(label))
    .map(name => ({
      name: name!,
      workloads: workloads.filter(({ labels }) => labels[key] === name),
      unseenBy: callers.map(({ client }) => client),
      labels: { [key]: name! },
    }))
  return [
    ...defined.map(version => ({ ...version, ...alsoCalledIn(bare, version) })),
    ...bare.filter(
      version => !defined.some(subset => subset.name === version.name || isSame(version, subset)),
    ),
  ]
}

/** Pods that a subset selects by other labels than that of their version: they are one version, with two names. */
function alsoCalledIn(bare: readonly IstioVersion[], subset: IstioVersion): Pick<IstioVersion, 'alsoCalled'> {
  const names = bare.filter(version => isSame(version, subset)).map(({ name }) => name)
  const others = names.filter(name => name !== subset.name)
  return others.length > 0 ? { alsoCalled: others } : {}
}

const isSame = ({ workloads }: IstioVersion, other: IstioVersion): boolean =>
  workloads.length === other.workloads.length && workloads.every(one => other.workloads.includes(one))

/** A version by the name that the reading gives it; throws where the caller made the name up. */
export function versionOf(
  { versions }: { readonly versions: readonly IstioVersion[] },
  name: string,
): IstioVersion {
  const found = versions.find(version => version.name === name)
  if (found === undefined) throw new TypeError(`there is no version ${name}`)
  return found
}

/** A subset is called by its version label where that says which one is meant, else by its own name. */
function nameOf(subset: DefinedSubset, subsets: readonly DefinedSubset[]): string {
  const label = versionSaid(subset.labels)
  const isClear =
    label !== undefined
    && subsets.every(
      other => other === subset || (other.name !== label && versionSaid(other.labels) !== label),
    )
  return isClear ? label : subset.name
}
