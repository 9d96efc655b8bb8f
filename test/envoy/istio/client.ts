import type { Labels } from '../../../shared/objects/kube-object.ts'

/** A proxy, and one of its ports. */
export interface Client {
  readonly isGateway: boolean
  readonly namespace: string
  readonly labels: Labels
  readonly port: number
  readonly isTls: boolean
}

/** What routes are made for: a client, and how it comes by them: `mesh`, or the gateway `namespace/name`. */
export interface Place extends Client {
  readonly gateway: string
}
