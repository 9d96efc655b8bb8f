import { CanaryError } from '../objects/canary-error.ts'
import type { Service } from '../objects/core.ts'
import { serviceHost } from '../objects/hosts.ts'
import { formatValue } from '../objects/paths.ts'
import { shortName } from '../objects/text/short-name.ts'
import { fieldsOf, isFields, itemsOf, labelsOf, textOf } from '../objects/unchecked.ts'
import { idOf, type RoutedService } from '../routing/service.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { hostOfService, versionNamed, type HostedVersion } from './service-versions.ts'
import { serviceOf } from './version-services.ts'

/** Says of which service a Service of ours is a version: `catalog.shop`. */
export const versionOfAnnotation = 'kubectl-canary/version-of'

/** A service and its versions, as a routing API has them. */
export interface ServiceInVersions {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly versions: readonly HostedVersion[]
}

/** The Services that are made for versions without one, and the host of each version. */
export interface VersionServices {
  readonly changes: readonly Change[]
  readonly hostFor: (version: string) => string
}

/**
 * A Service for each version that has none: the selector of the service with the version's label, and its ports.
 * Throws a CanaryError `refused` where the name is another's.
 */
export function ensureServices(reading: ServiceInVersions, names: readonly string[]): VersionServices {
  const made = [...new Set(names)]
    .map(name => versionNamed(reading.versions, name))
    .filter(({ host }) => host === undefined)
    .map((version, i, all) => ({ version, service: newService(reading, version, all.slice(0, i)) }))
  return {
    changes: made.map(({ service }) => ({ after: service })),
    hostFor: name => {
      const { host } = versionNamed(reading.versions, name)
      const own = made.find(({ version }) => version.name === name)?.service
      const { namespace, clusterDomain } = reading.service
      return host ?? serviceHost(own!.metadata.name, namespace, clusterDomain)
    },
  }
}

function newService(
  { view, service }: ServiceInVersions,
  { name: version }: HostedVersion,
  made: readonly HostedVersion[],
): Service {
  const umbrella = serviceOf(view, hostOfService(service))!
  const plain = nameFor(service.name, version)
  // 1.2.0 and 1-2-0 are two versions.
  const isTwice = made.some(other => nameFor(service.name, other.name) === plain)
  const name = isTwice ? shortName(plain, version) : plain
  const { namespace } = service
  if (view.get({ kind: 'Service', namespace, name }) !== undefined)
    throw new CanaryError(
      'refused',
      `Service ${name} in namespace ${namespace} does not select version ${version} only`,
      {
        hints: [
          `Give it the selector of Service ${service.name} with version: ${formatValue(version)}, or delete it; then repeat this command.`,
        ],
      },
    )
  const { selector, ports } = fieldsOf(umbrella.spec)
  const { labels } = umbrella.metadata
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      ...(labels !== undefined && Object.keys(labels).length > 0 && { labels }),
      annotations: { [versionOfAnnotation]: idOf(service) },
    },
    spec: {
      selector: { ...labelsOf(selector), version },
      ports: itemsOf(ports).filter(isFields).map(withoutNodePort),
    },
  } as Service
}

const withoutNodePort = ({ nodePort: _, ...port }: Readonly<Record<string, unknown>>): unknown => port

/** `catalog-v2`; a version that is no DNS label is made one: `1.2.0` → `catalog-1-2-0`. */
const nameFor = (service: string, version: string): string =>
  shortName(`${service}-${version.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.replace(/-+$/, ''))

/** Whether a Service was made by us for a version of the service. */
export const isOurService = ({ metadata }: Service, id: string): boolean =>
  textOf(metadata.annotations?.[versionOfAnnotation]) === id
