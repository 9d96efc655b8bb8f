import type { Destination } from '../../../shared/objects/virtual-service.ts'
import type { Labels } from '../../../shared/objects/kube-object.ts'

/** A proxy, and one of its ports. */
export interface Client {
  readonly isGateway: boolean
  readonly namespace: string
  readonly labels: Labels
  readonly port: number
  readonly isTls: boolean
  /** The cluster of a destination. With it Envoy draws its own random numbers and mirrors requests; else destinations are told by their places. */
  readonly clusterOf?: (destination: Destination) => string
}

/** What routes are made for: a client, and how it comes by them: `mesh`, or the gateway `namespace/name`. */
export interface Place extends Client {
  readonly gateway: string
}
