import type { RoutedService } from '../../routing/service.ts'
import type { WantedSplit } from '../../routing/wanted.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { hostOfService, servedHostsOf, versionOfHost, type HostedVersion } from '../service-versions.ts'

/** A rule that leads to a service whose versions are Services of their own. */
export interface DividedRule {
  readonly parts: readonly { readonly host: string | undefined; readonly percent: number }[]
  /** It is for some senders only, by header, cookie or address. */
  readonly singlesOut: boolean
  /** The canary has changed it, so that it is its own, whatever its shares are by now. */
  readonly isOnCanary: boolean
}

/**
 * Whether a rule is somebody's own arrangement, which a split leaves as it is: it singles out some senders for other
 * versions than those that the split replaces. One that leads to one of these beside others is turned, so that the end
 * of a canary takes all its requests away.
 */
export const isLeftAlone = (
  { service, versions }: { readonly service: RoutedService; readonly versions: readonly HostedVersion[] },
  { parts, singlesOut, isOnCanary }: DividedRule,
  { replaces }: Pick<WantedSplit, 'replaces'>,
): boolean =>
  replaces !== undefined
  && singlesOut
  && !isOnCanary
  && !parts
    .filter(({ percent }) => percent > 0)
    .some(({ host }) => {
      const name = versionOfHost(versions, host)?.name
      return name === undefined ? host === hostOfService(service) : replaces.includes(name)
    })

/**
 * Whether Services that only the backends of routes show to be versions of one application would not be known as such any
 * more: nobody could say `abort` or go back by the application's name. `meantBy` finds the service of a name.
 */
export function fallsApart(
  service: RoutedService,
  later: ClusterView,
  meantBy: (view: ClusterView, said: RoutedService) => RoutedService,
): boolean {
  if (service.host !== undefined) return false
  const { name, namespace, clusterDomain } = service
  const left = new Set(servedHostsOf(meantBy(later, { name, namespace, clusterDomain })))
  return servedHostsOf(service).some(host => !left.has(host))
}
