import { expandHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { Destination, VirtualService } from '../../../objects/virtual-service.ts'
import { hostOf, type RoutedService } from './routed-service.ts'

/**
 * What stands for a version in a route: a subset of the service's host, or a host of its own. Neither is the
 * service's own host as a whole.
 */
export interface VersionTarget {
  /** The full host of a Service that is a version itself; the service's own host when left out. */
  readonly host?: string | undefined
  readonly subset?: string | undefined
}

/** What a destination that is written in a VirtualService leads to. */
export const targetIn =
  (virtualService: VirtualService, service: RoutedService) =>
  ({ host, subset }: Pick<Destination, 'host'> & { readonly subset?: string | undefined }): VersionTarget =>
    targetTo(service, { host: expandHost(host, namespaceOf(virtualService), service.clusterDomain), subset })

/** What a destination with its full host leads to. */
export const targetTo = (
  service: RoutedService,
  { host, subset }: { readonly host: string; readonly subset: string | undefined },
): VersionTarget => ({ ...(host !== hostOf(service) && { host }), ...(subset !== undefined && { subset }) })

/** Whether a target is the service as a whole, and no version of it. */
export const isWhole = ({ host, subset }: VersionTarget): boolean =>
  host === undefined && subset === undefined

/** Whether two targets are one. */
export const isSameTarget = (one: VersionTarget, other: VersionTarget): boolean =>
  one.host === other.host && one.subset === other.subset

/** A target as a key. */
export const targetKey = ({ host = '', subset = '' }: VersionTarget): string => `${host} ${subset}`
