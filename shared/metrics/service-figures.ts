import type { Figures, Reporter } from './figures.ts'
import type { ScrapeInterval } from './scrape-interval.ts'

/** What is known of one version's requests. */
export interface VersionFigures extends Partial<Figures> {
  readonly version: string
  /** Whose figures these are; left out where there is no data. */
  readonly reporter?: Reporter
  /** The share of the service's requests that it got, in percent. */
  readonly share?: number
  /** What each kind of proxy reports of it. */
  readonly seenBy: Readonly<Partial<Record<Reporter, Figures>>>
  /** Requests per second over the last minutes, oldest first; null where there is no data. */
  readonly trend?: readonly (number | null)[]
}

/** Requests that no known version answered. */
export interface OtherFigures extends Figures {
  /** Of the service's requests, in percent. */
  readonly share?: number
  /** `shop/catalog-old`, where they are known. */
  readonly workloads?: readonly string[]
}

/** Why there are no figures, or not for all versions. */
export type FiguresNote =
  /** The server has no series of Istio's at all. */
  | { readonly kind: 'no-istio-metrics' }
  /** It has none of this service. */
  | { readonly kind: 'no-requests'; readonly hosts: readonly string[] }
  /** It has none of these versions. */
  | { readonly kind: 'no-requests-to'; readonly versions: readonly string[] }
  /** The metrics of these versions have the same labels. */
  | { readonly kind: 'indistinguishable'; readonly versions: readonly string[] }
  /** Copies of requests count as requests of the pods. */
  | { readonly kind: 'pods-only'; readonly versions: readonly string[] }
  /** The server answered with less than was asked, and says so. */
  | { readonly kind: 'warning'; readonly text: string }
  /** A query failed; the figures that depend on it are left out. */
  | { readonly kind: 'failed'; readonly text: string }

/** The live figures of one service. */
export interface ServiceFigures {
  /** Where they come from: a URL without credentials, or `Service istio-system/prometheus`. */
  readonly source: string
  /** When they were asked for, RFC 3339. */
  readonly at: string
  /** The window of all rates and quantiles, in seconds. */
  readonly window: number
  readonly scrapeInterval: ScrapeInterval
  /** Who reports the requests that shares are taken of; left out where there is no data. */
  readonly reporter?: Reporter
  readonly versions: readonly VersionFigures[]
  /** Requests that reached no pod: 503 UH, NC. */
  readonly noPod?: OtherFigures
  /** Requests that other pods answered, or pods whose version cannot be told. */
  readonly other?: OtherFigures
  readonly notes: readonly FiguresNote[]
}
