import type { Service } from '../objects/core.ts'
import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import { namespaceOf, type Labels } from '../objects/kube-object.ts'
import { fieldsOf, labelsOf, textOf } from '../objects/unchecked.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { once } from '../view/session.ts'
import { backingsOfService } from './backings.ts'

/** The labels that say a version, the usual one first. */
const versionKeys = ['version', 'app.kubernetes.io/version'] as const

/** Labels by which a Service selects one of several tracks or colours. */
const trackKeys = ['track', 'color', 'colour', 'slot'] as const

/** Whether a label says a version, a track or a colour. */
export const isVersionLabel = (key: string): boolean =>
  [...versionKeys, ...trackKeys].some(each => each === key)

/** A Service that is one version of an application by its name, `NAME-VERSION`, and its labels. */
interface VersionService {
  readonly host: string
  /** The name without the version: `catalog` of `catalog-v2`. */
  readonly base: string
  readonly version: string
  /** Its selector without the version. */
  readonly rest: Labels
}

const selectorOf = ({ spec }: Service): Labels => labelsOf(fieldsOf(spec)['selector'])

/** The Service that a host of the cluster names, where it is in view. */
export function serviceOf(view: ClusterView, host: string): Service | undefined {
  const named = serviceOfHost(host, view.mesh.clusterDomain)
  return named === undefined ? undefined : view.get({ kind: 'Service', ...named })
}

/**
 * The version that a Service says: by its selector, else by the pods that it selects where they agree, else by
 * its own labels.
 */
export function versionLabelOf(view: ClusterView, service: Service): string | undefined {
  return once(view, [versionLabelOf, service], () => {
    const pods = new Set(versionsBehind(view, service))
    const agreed = pods.size === 1 ? [...pods][0] : undefined
    return labelIn(selectorOf(service)) ?? agreed ?? labelIn(labelsOf(service.metadata.labels))
  })
}

/** What each workload behind a Service says of its version. */
export const versionsBehind = (view: ClusterView, service: Service): readonly (string | undefined)[] =>
  (backingsOfService(view, service) ?? []).map(({ labels }) => labelIn(labels))

/** Whether the workloads behind the Service of a host say that they are of several versions. */
export function hasSeveralVersions(view: ClusterView, host: string): boolean {
  const service = serviceOf(view, host)
  const said = service === undefined ? [] : versionsBehind(view, service)
  return new Set(said.filter(version => version !== undefined)).size > 1
}

const labelIn = (labels: Labels): string | undefined =>
  versionKeys.map(key => labels[key]).find(value => value !== undefined && value !== '')

/**
 * The Services of the application of which the Service of a host is a version by name and labels, or as an Argo
 * Rollout says; itself among them.
 */
export function siblingsOf(view: ClusterView, host: string): readonly string[] {
  const service = serviceOf(view, host)
  if (service === undefined) return []
  const own = versionServiceOf(view, service)
  if (own === undefined) return servicesOfRollout(view, service)
  return versionServicesIn(view, namespaceOf(service))
    .filter(other => other.host === host || areSiblings(own, other))
    .map(other => other.host)
}

/**
 * The Services of the stable pods and of the canary's: `spec.strategy.canary`
 * (https://argo-rollouts.readthedocs.io/en/stable/features/canary/).
 */
function servicesOfRollout(
  view: ClusterView,
  { metadata: { name, namespace = '' } }: Service,
): readonly string[] {
  const pairs = view.list('Rollout', namespace).map(rollout => {
    const canary = fieldsOf(fieldsOf(fieldsOf(Reflect.get(rollout, 'spec'))['strategy'])['canary'])
    return [textOf(canary['stableService']), textOf(canary['canaryService'])]
  })
  return (pairs.find(pair => pair.includes(name)) ?? []).flatMap(each =>
    each === undefined ? [] : [serviceHost(each, namespace, view.mesh.clusterDomain)],
  )
}

/** The name that the versions of an application have in common; undefined for a Service that is no version by its name. */
export function baseOf(view: ClusterView, host: string): string | undefined {
  const service = serviceOf(view, host)
  return service && versionServiceOf(view, service)?.base
}

/** Whether all pods of one Service are behind another one as well, which asks for less. */
export function covers(view: ClusterView, host: string, version: string): boolean {
  const [wide, narrow] = [serviceOf(view, host), serviceOf(view, version)]
  const size = (service: Service | undefined): number =>
    service === undefined ? 0 : Object.keys(selectorOf(service)).length
  return includes(view, host, version) && size(wide) < size(narrow)
}

/** Whether all pods of one Service are behind another one as well. */
export function includes(view: ClusterView, host: string, version: string): boolean {
  const [wide, narrow] = [serviceOf(view, host), serviceOf(view, version)]
  if (wide === undefined || narrow === undefined || namespaceOf(wide) !== namespaceOf(narrow)) return false
  const [asked, own] = [Object.entries(selectorOf(wide)), selectorOf(narrow)]
  return asked.length > 0 && asked.every(([key, value]) => own[key] === value)
}

const versionServicesIn = (view: ClusterView, namespace: string): readonly VersionService[] =>
  once(view, [versionServicesIn, namespace], () =>
    view.list('Service', namespace).flatMap(service => versionServiceOf(view, service) ?? []),
  )

/** The hosts of the Services of a namespace that are versions by name and labels, by the name before the version. */
export const versionHostsByBase = (
  view: ClusterView,
  namespace: string,
): ReadonlyMap<string, readonly string[]> =>
  once(view, [versionHostsByBase, namespace], () => {
    const grouped = Map.groupBy(versionServicesIn(view, namespace), ({ base }) => base)
    return new Map([...grouped].map(([base, those]) => [base, those.map(({ host }) => host)] as const))
  })

function versionServiceOf(view: ClusterView, service: Service): VersionService | undefined {
  const { name } = service.metadata
  if (!name.includes('-')) return undefined
  return once(view, [versionServiceOf, service], () => {
    const said = [versionLabelOf(view, service), ...trackKeys.map(key => selectorOf(service)[key])]
    const version = said.find(each => each !== undefined && withoutVersion(name, each) !== undefined)
    const base = version === undefined ? undefined : withoutVersion(name, version)
    if (version === undefined || base === undefined) return undefined
    const rest = Object.entries(selectorOf(service)).filter(([key]) => !isVersionKey(key))
    return {
      host: serviceHost(service.metadata.name, namespaceOf(service), view.mesh.clusterDomain),
      base,
      version,
      rest: Object.fromEntries(rest),
    }
  })
}

const isVersionKey = (key: string): boolean => (versionKeys as readonly string[]).includes(key)

/** `catalog-1-2-0` of version 1.2.0 is `catalog`; undefined where the name does not end with the version. */
function withoutVersion(name: string, version: string): string | undefined {
  const said = version.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const suffix = [said, `v${said}`, said.replace(/^v/, '')].find(each => name.endsWith(`-${each}`))
  const base = suffix === undefined ? '' : name.slice(0, -suffix.length - 1)
  return base === '' ? undefined : base
}

/**
 * Whether two Services are versions of one application: one name except for the version, different versions, and the
 * same selector except for the version or one other label, as `track`.
 */
function areSiblings(one: VersionService, other: VersionService): boolean {
  const keys = [...new Set([...Object.keys(one.rest), ...Object.keys(other.rest)])]
  const same = keys.filter(key => one.rest[key] === other.rest[key])
  const isApart = keys.filter(key => one.rest[key] === undefined || other.rest[key] === undefined).length > 0
  return (
    one.base === other.base
    && one.version !== other.version
    && !isApart
    && same.length > 0
    && keys.length - same.length <= 1
  )
}
