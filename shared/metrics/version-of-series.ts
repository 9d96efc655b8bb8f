import type { ServiceReading } from '../routing/provider.ts'
import type { ServiceVersion, VersionWorkload } from '../routing/service.ts'
import { serviceHost } from '../objects/hosts.ts'

/** The labels of a series that tell which version answered. */
export type SeriesLabels = Readonly<Record<string, string>>

/** What the labels of a version's requests say, as the reading of the cluster has it. */
export interface VersionIdentity {
  readonly name: string
  /** The host of the Service that is the version, where versions are Services. */
  readonly host?: string
  /** `destination_version`: the label `version` of its pods. */
  readonly versions: ReadonlySet<string>
  /** `destination_canonical_revision`. */
  readonly revisions: ReadonlySet<string>
  /** `destination_workload_namespace` and `destination_workload`: `shop/catalog-v2`. */
  readonly workloads: ReadonlySet<string>
}

/** Which version a series is about: one of those known, `none` where no pod was reached, else why it is none of them. */
export type SeriesOwner =
  | { readonly version: string }
  | { readonly version?: undefined; readonly why: 'none' | 'other' | 'ambiguous' }

/** What tells the versions of a service apart in metrics. */
export const identitiesOf = ({
  service,
  versions,
}: Pick<ServiceReading, 'service' | 'versions'>): readonly VersionIdentity[] =>
  versions.map(version => {
    const namespace = version.service?.namespace ?? service.namespace
    return {
      name: version.name,
      ...(version.service === undefined
        ? {}
        : { host: serviceHost(version.service.name, namespace, service.clusterDomain) }),
      versions: versionLabels(version),
      revisions: new Set(version.workloads.map(revisionOf)),
      workloads: new Set(version.workloads.map(({ name }) => `${namespace}/${name}`)),
    }
  })

function versionLabels({ subset, workloads }: ServiceVersion): ReadonlySet<string> {
  const labels = workloads.length > 0 ? workloads.map(workload => workload.labels) : [subset?.labels]
  return new Set(labels.flatMap(some => some?.['version'] ?? []))
}

/** As Istio's injection has it (pkg/model/label, GetCanonicalRevision). */
const revisionOf = ({ labels = {} }: VersionWorkload): string =>
  labels['service.istio.io/canonical-revision']
  ?? labels['app.kubernetes.io/version']
  ?? labels['version']
  ?? 'latest'

const isKnown = (value: string | undefined): value is string =>
  value !== undefined && value !== '' && value !== 'unknown'

/** `shop/catalog-v2`; undefined where no pod was reached. */
export const workloadOf = ({
  destination_workload: name,
  destination_workload_namespace: namespace = '',
}: SeriesLabels): string | undefined => (isKnown(name) ? `${namespace}/${name}` : undefined)

/**
 * The version of a series: by the Service where versions are Services, then by `destination_version`, else by
 * `destination_canonical_revision`, else by `destination_workload`. A label that fits several versions leaves the choice
 * among these to the next one.
 */
export function ownerOf(identities: readonly VersionIdentity[], labels: SeriesLabels): SeriesOwner {
  const host = labels['destination_service']
  const hosted = identities.filter(identity => identity.host !== undefined && identity.host === host)
  if (hosted.length === 1) return { version: hosted[0]!.name }
  const version = labels['destination_version']
  const workload = workloadOf(labels)
  // The canonical revision of a request that reached no pod is `latest`.
  if (workload === undefined && !isKnown(version)) return { why: 'none' }
  const levels: readonly (readonly ['versions' | 'revisions' | 'workloads', string | undefined])[] = [
    ['versions', version],
    ['revisions', labels['destination_canonical_revision']],
    ['workloads', workload],
  ]
  let candidates = hosted.length > 0 ? hosted : identities
  let isNarrowed = false
  for (const [key, value] of levels) {
    const fitting = isKnown(value) ? candidates.filter(identity => identity[key].has(value)) : []
    if (fitting.length === 1) return { version: fitting[0]!.name }
    if (fitting.length > 1) [candidates, isNarrowed] = [fitting, true]
  }
  return { why: isNarrowed ? 'ambiguous' : 'other' }
}
