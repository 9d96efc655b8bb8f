import type { KubeObject } from '../../shared/objects/kube-object.ts'

/** The request of an AdmissionReview, reduced to what a review needs; objects have their name and kind. */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  readonly apiVersion: string
  readonly kind: string
  /** The plural name in the API, for the log. */
  readonly resource: string
  readonly subResource: string
  readonly namespace: string
  /** From the object where the request has none, as for each object of a deletecollection. */
  readonly name: string
  readonly user: string
  readonly groups: readonly string[]
  /** What else the API server's authenticator says of the user: the uid, and values by key. */
  readonly userUid: string
  readonly userExtra: Readonly<Record<string, readonly string[]>>
  /** By what name the client writes fields, as `helm`; empty on DELETE and where it does not say. */
  readonly fieldManager: string
  readonly dryRun: boolean
  /** It only sets the number of replicas of a workload, which is never refused. */
  readonly isScaling?: boolean
  /** The object after the request; undefined on DELETE. */
  readonly object: KubeObject | undefined
  /** The object before the request; undefined on CREATE. */
  readonly oldObject: KubeObject | undefined
}
