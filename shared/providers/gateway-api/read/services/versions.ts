import type { RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { hostedVersions, type HostedVersion } from '../../../../workloads/service-versions.ts'
import { rulesTo } from '../rules/routed-rules.ts'
import { keyOfService } from './service-hosts.ts'

export { versionNamed, versionOfHost } from '../../../../workloads/service-versions.ts'

/** A version of a service: a Service, or pods that have none of their own yet. */
export type RouteVersion = HostedVersion

/** The versions of a service, by name: see {@link hostedVersions}. */
export const versionsOf = (view: ClusterView, service: RoutedService): readonly RouteVersion[] =>
  once(view, [versionsOf, keyOfService(service)], () => {
    const routed = rulesTo(view, service).flatMap(({ parts }) => parts.flatMap(({ host }) => host ?? []))
    return hostedVersions(view, service, new Set(routed))
  })
