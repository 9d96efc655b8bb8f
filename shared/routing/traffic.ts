import type { Ref } from '../objects/kube-object.ts'
import type { Condition } from './condition.ts'

/** One version of a service, as people call it, and what stands for it in the routing API. */
export interface Version {
  /** The version label's value where there is one, else the subset's name. */
  readonly name: string
  readonly subset?: string
}

/** A version's share of an entry point's traffic, in percent as it takes effect at run time. */
export interface Share {
  readonly version: string
  readonly percent: number
}

/** A named group of requests and the version that they go to. */
export interface CohortRoute {
  readonly name: string
  readonly to: string
  readonly conditions: readonly Condition[]
  readonly since?: string
  readonly until?: string
  readonly reason?: string
}

/** What takes a service's requests at one place: one routing object. */
export interface EntryPoint {
  readonly ref: Ref
  readonly hosts: readonly string[]
  readonly gateways: readonly string[]
  readonly cohorts: readonly CohortRoute[]
  /** One per base route to the service, in order; the label says what the route takes (`/items*`), empty for everything. */
  readonly splits: readonly { readonly takes: string; readonly shares: readonly Share[] }[]
  readonly mirrors: readonly Share[]
  /** The controller or field that rewrites it: `Canary flagger.app catalog-release`. */
  readonly owner?: string
}

/** Who gets what of one service, free of any API's spelling. */
export interface Traffic {
  /** Short name and namespace of the Service. */
  readonly service: string
  readonly namespace: string
  readonly stable?: string
  /** Pods that are ready, of those wanted; left out where the workloads could not be seen. */
  readonly versions: readonly {
    readonly name: string
    readonly subset?: string
    readonly ready?: number
    readonly wanted?: number
  }[]
  readonly entryPoints: readonly EntryPoint[]
  readonly notes: readonly string[]
}

/** The label of a share that goes to the pods of all versions alike, because the route names no subset. */
export const anyOf = (versions: readonly { readonly name: string }[]): string =>
  `any of ${versions.map(({ name }) => name).join(', ')}`
