import { serviceOfHost } from '../../objects/hosts.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { controlledOf, type OwningRollout } from './controlled.ts'

/** The Services that are versions of a service. */
export const versionServices = ({ hosts = [], clusterDomain }: RoutedService) =>
  hosts.flatMap(({ host }) => serviceOfHost(host, clusterDomain) ?? [])

/** The rollouts of controllers that own a service, or a Service that is a version of it. */
export const controlledWithVersions = (view: ClusterView, service: RoutedService): readonly OwningRollout[] =>
  [service, ...versionServices(service)].flatMap(each => controlledOf(view, each))
