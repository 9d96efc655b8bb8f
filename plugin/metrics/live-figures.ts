import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type {
  FailedSource,
  PrometheusFailure,
  PrometheusSource,
} from '../../shared/metrics/prometheus/prometheus-api.ts'
import { prometheusClient, type PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'
import { hostsOf } from '../../shared/metrics/queries.ts'
import { readFigures } from '../../shared/metrics/read-figures.ts'
import { readScrapeInterval, type ScrapeInterval } from '../../shared/metrics/scrape-interval.ts'
import type { ServiceFigures } from '../../shared/metrics/service-figures.ts'
import type { Store } from '../../shared/view/store.ts'
import type { PrometheusServer } from '../flags/prometheus-flags.ts'
import { findPrometheus, proxiedSource } from './find-prometheus.ts'
import { urlSource } from './url-source.ts'

/** Where figures come from, and what they rest on. */
export interface FiguresOptions {
  /** The server that was named; undefined where one may be looked for in the cluster. */
  readonly server: PrometheusServer | undefined
  /** Asks the API server; files have none. */
  readonly ask: Store['request'] | undefined
  readonly rootNamespace?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Waits before a request is sent again. */
  readonly wait: (milliseconds: number) => Promise<void>
  /** The clock, in milliseconds, of how long figures are kept. */
  readonly clock?: () => number
}

/** What is wanted of the figures. */
export interface FiguresWanted {
  readonly withTrend: boolean
  readonly now: Date
}

/** What there is: figures for each of the services, or a reason; nothing where no Prometheus was found. */
export type FiguresFound =
  | { readonly figures: readonly ServiceFigures[]; readonly failure?: undefined }
  | { readonly figures?: undefined; readonly failure?: FailedSource }

/** Milliseconds for one query: a screen that is drawn again every two seconds should not wait for long. */
const queryTimeout = 5000
/** The window of rates in seconds, where scrapes are close enough. */
const usualWindow = 60
/** Figures change with each scrape, and are not asked for more often than a screen is drawn. */
const [shortestKept, longestKept] = [2000, 15_000]
/** After this many milliseconds Prometheus is looked for again where none was found. */
const searchAgain = 60_000

interface FiguresSources {
  readonly known: FailedSource['known']
  readonly sources: readonly PrometheusSource[]
}

interface Chosen {
  readonly client: PrometheusClient
  readonly scrapeInterval: ScrapeInterval
}

/** The live figures of a session: the server is found once, and figures are kept until the next scrape. */
export class LiveFigures {
  readonly #options: FiguresOptions
  #sources: Promise<FiguresSources> | undefined
  #searchedAt = -Infinity
  #chosen: Chosen | undefined
  #kept: { readonly key: string; readonly until: number; readonly found: FiguresFound } | undefined

  constructor(options: FiguresOptions) {
    this.#options = options
  }

  /** Begins to look for a server while other things are read; fails for files of credentials that cannot be read. */
  begin(): void {
    this.#search().catch(() => {})
  }

  /** The figures of these services, in their order. */
  async read(services: readonly MeasuredService[], wanted: FiguresWanted): Promise<FiguresFound> {
    if (services.length === 0) return {}
    const key = JSON.stringify([services.map(keyOf), wanted.withTrend])
    const now = this.#now()
    if (this.#kept !== undefined && this.#kept.key === key && now < this.#kept.until) return this.#kept.found
    const found = await this.#ask(services, wanted)
    const scrape = (this.#chosen?.scrapeInterval.seconds ?? 0) * 1000
    // A server that is slow or away is not waited for at each look.
    const kept =
      found.figures === undefined ? longestKept : Math.min(longestKept, Math.max(shortestKept, scrape))
    this.#kept = { key, until: now + kept, found }
    return found
  }

  /** Milliseconds until there can be others. */
  get lasting(): number {
    return Math.max(0, (this.#kept?.until ?? 0) - this.#now())
  }

  async #ask(services: readonly MeasuredService[], wanted: FiguresWanted): Promise<FiguresFound> {
    const { signal, wait } = this.#options
    const { sources, known } = await this.#search()
    if (sources.length === 0) return {}
    const clients = sources.map(source => prometheusClient(source, { timeout: queryTimeout, signal, wait }))
    const chosen = this.#chosen ?? (await choose(clients, services))
    if ('reason' in chosen) return { failure: { ...chosen, known } }
    this.#chosen = chosen
    const figures = await readFigures(chosen.client, services, {
      ...wanted,
      scrapeInterval: chosen.scrapeInterval,
      window: usualWindow,
    })
    if (!('reason' in figures)) return { figures }
    this.#chosen = undefined
    return { failure: { ...figures, source: chosen.client.name, known } }
  }

  #search(): Promise<FiguresSources> {
    const now = this.#now()
    if (this.#sources === undefined || (this.#chosen === undefined && now - this.#searchedAt > searchAgain)) {
      this.#searchedAt = now
      this.#sources = this.#sourcesNow()
    }
    return this.#sources
  }

  async #sourcesNow(): Promise<FiguresSources> {
    const { server, ask, env, rootNamespace } = this.#options
    if (server !== undefined) return { known: 'named', sources: [await urlSource(server, env)] }
    if (ask === undefined) return { known: 'found', sources: [] }
    const { services, isGuess } = await findPrometheus(ask, rootNamespace)
    return {
      known: isGuess ? 'guessed' : 'found',
      sources: services.map(service => proxiedSource(ask, service)),
    }
  }

  #now(): number {
    return (this.#options.clock ?? (() => performance.now()))()
  }
}

/** A version that comes or goes is shown at once. */
const keyOf = ({ service, versions }: MeasuredService): readonly (readonly string[])[] => [
  hostsOf(service),
  versions.map(({ name }) => name),
]

/** The first server that has scraped these services, else the first that answers. */
async function choose(
  clients: readonly PrometheusClient[],
  services: readonly MeasuredService[],
): Promise<Chosen | (PrometheusFailure & { readonly source: string })> {
  const hosts = services.flatMap(({ service }) => hostsOf(service)).slice(0, 50)
  const answers = await Promise.all(
    clients.map(async client => ({ client, interval: await readScrapeInterval(client, hosts) })),
  )
  const chosen = answers.flatMap(({ client, interval }) =>
    'reason' in interval ? [] : [{ client, scrapeInterval: interval }],
  )
  const best = chosen.find(({ scrapeInterval }) => scrapeInterval.from === 'series') ?? chosen[0]
  if (best !== undefined) return best
  const { client, interval } = answers[0]!
  return { ...(interval as PrometheusFailure), source: client.name }
}
