import { serviceOfHost } from '../../../objects/hosts.ts'
import type { DecidedDestination } from '../../../routing/request/decision.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession, once } from '../../../view/session.ts'
import {
  hostedVersions,
  hostOfService,
  servedHostsOf,
  versionOfHost,
  type HostedVersion,
} from '../../../workloads/service-versions.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { versionOfSubset } from '../resolve/subsets.ts'
import { serviceMeantBy } from './applications.ts'
import { routesTo, rulesIn, type ApisixRoutedRule, type OwnedPart } from './routed-rules.ts'

/** A service as its ApisixRoutes have it. */
export interface ApisixReading extends Completeness {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly rules: readonly ApisixRoutedRule[]
  readonly versions: readonly HostedVersion[]
  readonly seesWorkloads: boolean
}

/** Reads a service; what is derived is derived once per session. */
export function readService(
  given: ClusterView,
  said: RoutedService,
  { complete }: Completeness,
): ApisixReading {
  const view = inSession(given)
  const service = serviceMeantBy(view, said)
  return once(view, [readService, `${servedHostsOf(service).join(' ')} ${complete}`], () => {
    const rules = routesTo(view, service).flatMap(route => rulesIn(view, route, { service, complete }))
    const routed = new Set(rules.flatMap(({ parts }) => parts.flatMap(({ host }) => host ?? [])))
    return {
      view,
      service,
      complete,
      rules,
      versions: hostedVersions(view, service, routed),
      seesWorkloads: !backingKinds.some(kind => view.unread.has(kind)),
    }
  })
}

/** The version that a part of a rule's requests goes to, by its Service or a subset of one; undefined where it is none. */
export function versionOfPart(
  { view, service, versions }: ApisixReading,
  { host, backend }: Pick<OwnedPart, 'host' | 'backend'>,
): string | undefined {
  const version = versionOfHost(versions, host)?.name
  if (version !== undefined || backend === undefined || host !== hostOfService(service)) return version
  const named = versionOfSubset(view, service.namespace, backend)
  return versions.find(({ name }) => name === named)?.name
}

/** Whether a part of a rule's requests goes to the pods of all versions. */
export const leadsToAll = (reading: ApisixReading, part: Pick<OwnedPart, 'host' | 'backend'>): boolean =>
  part.host === hostOfService(reading.service) && versionOfPart(reading, part) === undefined

/** The version of a single request's destination: see {@link versionOfPart}. */
export const versionOfDestination = (
  reading: ApisixReading,
  { host, subset }: Pick<DecidedDestination, 'host' | 'subset'>,
): string | undefined => {
  const serviceName = serviceOfHost(host, reading.view.mesh.clusterDomain)?.name
  return versionOfPart(reading, {
    host,
    backend: { ...(serviceName !== undefined && { serviceName }), ...(subset !== undefined && { subset }) },
  })
}
