import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type {
  FailedSource,
  PrometheusFailure,
  PrometheusSource,
} from '../../shared/metrics/prometheus/prometheus-api.ts'
import { prometheusClient, type PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'
import { hostsOf } from '../../shared/metrics/queries.ts'
import { readScrapeInterval, type ScrapeInterval } from '../../shared/metrics/scrape-interval.ts'
import type { Store } from '../../shared/view/store.ts'
import type { PrometheusServer } from '../flags/prometheus-flags.ts'
import { findPrometheus, proxiedSource } from './find-prometheus.ts'
import { urlSource } from './url-source.ts'

/** Where a server of metrics is looked for, and how it is asked. */
export interface PrometheusSearch {
  /** The server that was named; undefined where one may be looked for in the cluster. */
  readonly server: PrometheusServer | undefined
  /** Asks the API server; files have none. */
  readonly ask: Store['request'] | undefined
  readonly rootNamespace?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Waits before a request is sent again. */
  readonly wait: (milliseconds: number) => Promise<void>
  /** The clock, in milliseconds, of how long an answer is kept. */
  readonly clock?: () => number
}

/** Milliseconds for one query: a screen that is drawn again every two seconds should not wait for long. */
const queryTimeout = 5000
/** After this many milliseconds Prometheus is looked for again where none was found. */
const searchAgain = 60_000

interface FoundSources {
  readonly known: FailedSource['known']
  readonly sources: readonly PrometheusSource[]
}

/** The server that is asked. */
export interface ChosenPrometheus {
  readonly client: PrometheusClient
  readonly scrapeInterval: ScrapeInterval
}

/** The server of metrics of a session: it is found once, and looked for again where it does not answer any more. */
export class PrometheusFinder {
  readonly #search: PrometheusSearch
  #sources: Promise<FoundSources> | undefined
  #searchedAt = -Infinity
  #chosen: ChosenPrometheus | undefined
  #known: FailedSource['known'] = 'guessed'

  constructor(search: PrometheusSearch) {
    this.#search = search
  }

  /** Begins to look for a server while other things are read; fails for files of credentials that cannot be read. */
  begin(): void {
    this.#found().catch(() => {})
  }

  /** Named by a person, found in the cluster, or tried by a well-known name alone. */
  get known(): FailedSource['known'] {
    return this.#known
  }

  /** The server, where one was chosen. */
  get chosen(): ChosenPrometheus | undefined {
    return this.#chosen
  }

  /** The server that has scraped these services; why there is none, and undefined where none was found. */
  async choose(services: readonly MeasuredService[]): Promise<ChosenPrometheus | FailedSource | undefined> {
    const { signal, wait } = this.#search
    const { sources, known } = await this.#found()
    this.#known = known
    if (sources.length === 0) return undefined
    const clients = sources.map(source => prometheusClient(source, { timeout: queryTimeout, signal, wait }))
    const chosen = this.#chosen ?? (await choose(clients, services))
    if ('reason' in chosen) return { ...chosen, known }
    this.#chosen = chosen
    return chosen
  }

  /** The server does not answer: the next time it is chosen again. */
  forget(): void {
    this.#chosen = undefined
  }

  #found(): Promise<FoundSources> {
    const now = this.now()
    if (this.#sources === undefined || (this.#chosen === undefined && now - this.#searchedAt > searchAgain)) {
      this.#searchedAt = now
      this.#sources = this.#sourcesNow()
    }
    return this.#sources
  }

  async #sourcesNow(): Promise<FoundSources> {
    const { server, ask, env, rootNamespace } = this.#search
    if (server !== undefined) return { known: 'named', sources: [await urlSource(server, env)] }
    if (ask === undefined) return { known: 'found', sources: [] }
    const { services, isGuess } = await findPrometheus(ask, rootNamespace)
    return {
      known: isGuess ? 'guessed' : 'found',
      sources: services.map(service => proxiedSource(ask, service)),
    }
  }

  /** The clock, in milliseconds. */
  now(): number {
    return (this.#search.clock ?? (() => Date.now()))()
  }
}

/** The first server that has scraped these services, else the first that answers. */
async function choose(
  clients: readonly PrometheusClient[],
  services: readonly MeasuredService[],
): Promise<ChosenPrometheus | (PrometheusFailure & { readonly source: string })> {
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
