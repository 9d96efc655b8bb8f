import type { MeasuredService } from '../../shared/metrics/assemble.ts'
import type { FailedSource } from '../../shared/metrics/prometheus/prometheus-api.ts'
import { hostsOf } from '../../shared/metrics/queries.ts'
import { readFigures } from '../../shared/metrics/read-figures.ts'
import type { ServiceFigures } from '../../shared/metrics/service-figures.ts'
import { PrometheusFinder, type PrometheusSearch } from './prometheus-finder.ts'

/** What is wanted of the figures. */
export interface FiguresWanted {
  readonly withTrend: boolean
  readonly now: Date
}

/** What there is: figures for each of the services, or a reason; nothing where no Prometheus was found. */
export type FiguresFound =
  | { readonly figures: readonly ServiceFigures[]; readonly failure?: undefined }
  | { readonly figures?: undefined; readonly failure?: FailedSource }

/** The window of rates in seconds, where scrapes are close enough. */
const usualWindow = 60
/** Figures change with each scrape, and are not asked for more often than a screen is drawn. */
const [shortestKept, longestKept] = [2000, 15_000]

/** The live figures of a session: the server is found once, and figures are kept until the next scrape. */
export class LiveFigures {
  readonly #finder: PrometheusFinder
  #kept: { readonly key: string; readonly until: number; readonly found: FiguresFound } | undefined

  constructor(search: PrometheusSearch) {
    this.#finder = new PrometheusFinder(search)
  }

  /** Begins to look for a server while other things are read; fails for files of credentials that cannot be read. */
  begin(): void {
    this.#finder.begin()
  }

  /** The figures of these services, in their order. */
  async read(services: readonly MeasuredService[], wanted: FiguresWanted): Promise<FiguresFound> {
    if (services.length === 0) return {}
    const key = JSON.stringify([services.map(keyOf), wanted.withTrend])
    const now = this.#finder.now()
    if (this.#kept !== undefined && this.#kept.key === key && now < this.#kept.until) return this.#kept.found
    const found = await this.#ask(services, wanted)
    const scrape = (this.#finder.chosen?.scrapeInterval.seconds ?? 0) * 1000
    // A server that is slow or away is not waited for at each look.
    const kept =
      found.figures === undefined ? longestKept : Math.min(longestKept, Math.max(shortestKept, scrape))
    this.#kept = { key, until: now + kept, found }
    return found
  }

  /** Milliseconds until there can be others. */
  get lasting(): number {
    return Math.max(0, (this.#kept?.until ?? 0) - this.#finder.now())
  }

  async #ask(services: readonly MeasuredService[], wanted: FiguresWanted): Promise<FiguresFound> {
    const chosen = await this.#finder.choose(services)
    if (chosen === undefined) return {}
    if ('reason' in chosen) return { failure: chosen }
    const figures = await readFigures(chosen.client, services, {
      ...wanted,
      scrapeInterval: chosen.scrapeInterval,
      window: usualWindow,
    })
    if (!('reason' in figures)) return { figures }
    this.#finder.forget()
    return { failure: { ...figures, source: chosen.client.name, known: this.#finder.known } }
  }
}

/** A version that comes or goes is shown at once. */
const keyOf = ({ service, versions }: MeasuredService): readonly (readonly string[])[] => [
  hostsOf(service),
  versions.map(({ name }) => name),
]
