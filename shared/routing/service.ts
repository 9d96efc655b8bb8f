import type { Labels } from '../objects/kube-object.ts'

/**
 * The Service whose routes are read and edited, and the cluster domain under which its host is spelled; or a
 * host outside the cluster that a routing API knows.
 */
export interface RoutedService {
  readonly name: string
  readonly namespace: string
  readonly clusterDomain: string
  /** The host outside the cluster; it is the name, too. */
  readonly host?: string
  /**
   * Where its versions are Services of their own: the hosts that lead to them, and its own where there is such
   * a Service.
   */
  readonly hosts?: readonly ServedHost[]
}

/** A host inside the cluster, and the ports of its Service; none where the Service is not in view. */
export interface ServedHost {
  readonly host: string
  readonly ports: readonly { readonly number: number; readonly name?: string | undefined }[]
}

/** How much of the world is in view. */
export interface Completeness {
  /**
   * What is not in view does not exist, as on a cluster; files may be a part of the world only.
   */
  readonly complete: boolean
}

/** Pods that run a version, or an address that is listed for it. */
export interface VersionWorkload {
  readonly kind: string
  readonly name: string
  /** Pods that are ready, and pods that are asked for. */
  readonly ready: number
  readonly wanted: number
  /** The images of its containers, without those of the mesh; left out where it does not say. */
  readonly images?: readonly string[]
  /** When the object was made, as ISO 8601; left out on files. */
  readonly created?: string
  /** The labels of its pods, where they are known. */
  readonly labels?: Labels
}

/** One version of a service: what people call it, its subset or Service where it has one, its workloads. */
export interface ServiceVersion {
  readonly name: string
  /** What people may call it, too. */
  readonly alsoCalled?: readonly string[]
  /** The Service that is this version, where versions are Services of their own. */
  readonly service?: { readonly name: string; readonly namespace: string }
  readonly subset?: { readonly name: string; readonly labels: Labels }
  readonly workloads: readonly VersionWorkload[]
}

/** Ready pods of a version, over all its workloads. */
export const readyOf = ({ workloads }: Pick<ServiceVersion, 'workloads'>): number =>
  workloads.reduce((sum, { ready }) => sum + ready, 0)

/** Pods that a version asks for, over all its workloads. */
export const wantedOf = ({ workloads }: Pick<ServiceVersion, 'workloads'>): number =>
  workloads.reduce((sum, { wanted }) => sum + wanted, 0)

/** `catalog.shop`: how a service is named in records; a host outside the cluster is named by itself. */
export const idOf = ({ name, namespace, host }: RoutedService): string => host ?? `${name}.${namespace}`

/** The pods that a share in percent needs, where so many serve all requests now; rounded up. */
export const podsNeeded = (served: number, percent: number): number => Math.ceil((served * percent) / 100)
