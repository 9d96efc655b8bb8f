import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Connection } from '../../shared/live/connection/connection.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import type { ActiveConfig } from '../config/config-file.ts'
import { Audit } from '../observe/audit.ts'
import { eventMaker } from '../observe/object-event.ts'
import { Settling } from '../observe/settling.ts'
import { setWatchMetrics, type Metrics } from '../observe/metrics.ts'
import { optOutName } from '../review/exempt/opt-out.ts'
import { AdmissionServer } from '../serve/admission-server.ts'
import { accessBy, type Post } from '../cache/access.ts'
import { answerReview, type Reviewer } from '../admission/answer-review.ts'
import type { KeyPairSource } from '../certificate/key-pair.ts'
import { addressesIn, type IsKnownAddress } from '../serve/known-callers.ts'
import { createProbeServer, type ProbeOptions } from '../serve/probe-server.ts'
import { listenOn } from '../serve/listen-on.ts'
import { CertifiedServer } from './certified-server.ts'
import { startCache, type ClusterCache, type RightsTimes } from '../cache/cluster-cache.ts'
import { auditBy, judgeBy } from './judge-by.ts'
import { repeat } from './repeat.ts'
import { reviewerOver } from './reviewer-over.ts'
import { warmUp } from '../cache/warm-up.ts'
import { watchMemory } from '../observe/watch-memory.ts'

export interface GuardParts {
  readonly host: string | undefined
  readonly port: number
  readonly probePort: number
  readonly drainMs: number
  readonly rules: readonly AnyRule[]
  readonly config: ActiveConfig
  readonly requester: Requester
  /** Sends SubjectAccessReviews. */
  readonly post: Post
  readonly callers: TrustedCallers
  /** Where Events are made; none are when left out. */
  readonly connection?: Pick<Connection, 'request'>
  readonly keyPairs: KeyPairSource
  /** Half a minute until it is not ready without rights, when left out. */
  readonly rights?: RightsTimes | undefined
  readonly log: Logger
  readonly metrics: Metrics
}

/** By what the guard knows that a request comes from the API server. */
export interface TrustedCallers {
  /** The authority (PEM) of the API server's client certificate; nobody is asked for one when left out. */
  readonly clientCA?: string | undefined
  /** Whether the network lets nobody but the API server reach the port. */
  readonly isNetworkTrusted: boolean
  /** The addresses from which the network lets API servers reach it, as `addressesIn` takes them; all when left out. */
  readonly addresses?: string | undefined
}

/** The addresses whose callers have memory of their own, so that others cannot use it up. */
const knownAddresses = ({ isNetworkTrusted, addresses }: TrustedCallers): IsKnownAddress =>
  isNetworkTrusted ? (addresses === undefined ? () => true : addressesIn(addresses)) : () => false

/** A running guard. */
export interface Guard {
  readonly probePort: number
  /** The port for the API server; resolves when there is a certificate to listen with. */
  readonly port: Promise<number>
  readonly cache: ClusterCache
  /** Becomes not ready at once, serves for the drain time, then closes everything. */
  stop(): Promise<void>
}

/** Starts everything; rejects only if a port is not available. */
export async function startGuard(parts: GuardParts): Promise<Guard> {
  const { host, log, metrics, config, rules } = parts
  const ended = new AbortController()
  let isDraining = false
  let isWarm = false
  const cache = startCache({ ...parts, mesh: () => config.current.mesh })
  const settling = settlingOver(cache, parts)
  const server = certifiedServer(cache, settling, parts)
  const notReady = (): readonly string[] => [
    ...server.notReady(),
    ...(isWarm ? [] : [`the cache is not synced yet${missingKinds(cache)}`]),
    ...cache.lostRights().map(kind => `the API server does not let it list and watch ${kind} objects (403)`),
    ...(isDraining ? ['draining'] : []),
  ]
  const probes = createProbeServer({ notReady, metrics: () => metricsResponse(metrics, cache, config) })
  const probePort = await listenOn(probes, host, parts.probePort)
  log.info({ port: probePort }, 'serving probes and metrics')
  parts.keyPairs.start(keyPair => server.use(keyPair))
  void cache.watch.synced.then(async () => {
    await warmUp(cache.view, judgeBy(rules, config.current))
    isWarm = true
    if (!ended.signal.aborted) log.info({ objects: objectCounts(cache) }, 'cache synced')
    await auditUntil(ended.signal, cache, parts)
  })
  watchMemory(
    () => log.warn({ ...process.memoryUsage(), objects: objectCounts(cache) }, 'memory use is high'),
    ended.signal,
  )
  return {
    probePort,
    cache,
    port: server.port,
    stop: async () => {
      isDraining = true
      log.info({ ms: parts.drainMs }, 'draining')
      server.drain()
      await pause(parts.drainMs)
      ended.abort()
      settling.close()
      await parts.keyPairs.close()
      await server.close()
      await Promise.all([cache.close(), probes.close()])
      config.close()
    },
  }
}

/** The server for reviews, which listens when there is a certificate. */
function certifiedServer(cache: ClusterCache, settling: Settling, guard: GuardParts): CertifiedServer {
  const { host, port, log, metrics, config, requester, rules, post, callers } = guard
  // A series that begins with 1 has not increased for Prometheus: the alert would miss the first exemption.
  for (const rule of [...rules.map(({ id }) => id), optOutName])
    metrics.findings.inc({ rule, effect: 'exempt' }, 0)
  const parts = { rules, config, requester, settling, log, metrics }
  const reviewer = reviewerOver(cache, { ...parts, mayRead: accessBy(post) })
  // Anybody can claim to be any user.
  const strangers: Reviewer = { ...reviewer, mayRead: async () => false }
  const closed = (one: Reviewer): Reviewer => failingClosed(one, cache)
  const isKnownAddress = knownAddresses(callers)
  return new CertifiedServer({
    host,
    port,
    log,
    metrics,
    createServer: keyPair =>
      new AdmissionServer({
        keyPair,
        clientCA: callers.clientCA,
        isKnownAddress,
        handle: (body, budgetMs, { isAuthenticated, fails }) => {
          const known = isAuthenticated || callers.isNetworkTrusted ? reviewer : strangers
          return answerReview(body, budgetMs, fails === 'closed' ? closed(known) : { ...known, fails })
        },
        onHandshakeError: () => metrics.errors.inc({ reason: 'tls-handshake' }),
        onOverload: () => metrics.errors.inc({ reason: 'overload' }),
        onConnectionClosed: () => metrics.errors.inc({ reason: 'connections' }),
      }),
  })
}

/**
 * A reviewer that denies what it cannot judge, as without its rights: by connections that are open, an API server goes
 * on to call a guard that is not ready.
 */
const failingClosed = (reviewer: Reviewer, cache: ClusterCache): Reviewer => ({
  ...reviewer,
  fails: 'closed',
  context: () => {
    const kinds = cache.lostRights()
    if (kinds.length === 0) return reviewer.context()
    throw new CanaryError('forbidden', `the API server refuses to list and watch ${kinds.join(', ')} (403)`)
  },
})

/** The look at what a release leaves broken. */
const settlingOver = (
  { view }: ClusterCache,
  { rules, config, connection, log, metrics }: GuardParts,
): Settling =>
  new Settling({
    view,
    judge: () => auditBy(rules, config.current),
    afterMs: () => config.current.settleSeconds * 1000,
    log,
    metrics,
    report: connection === undefined ? async () => undefined : eventMaker(view, { connection, log }),
  })

/** Audits the cluster as often as the configuration says. */
function auditUntil(
  signal: AbortSignal,
  { view }: ClusterCache,
  { rules, config, log, metrics }: GuardParts,
): Promise<void> {
  const audit = new Audit({
    view,
    judge: () => auditBy(rules, config.current),
    exemptions: () => config.current.exemptions,
    log,
    metrics,
  })
  return repeat(
    () => audit.run(signal),
    () => config.current.audit.intervalSeconds * 1000,
    signal,
  )
}

async function metricsResponse(
  metrics: Metrics,
  { watch }: ClusterCache,
  { isValid }: ActiveConfig,
): ReturnType<ProbeOptions['metrics']> {
  setWatchMetrics(metrics, watch.stats())
  metrics.configValid.set(isValid ? 1 : 0)
  return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }
}

/** The kinds that were not listed yet, for instance because the guard may not read them. */
function missingKinds({ watch }: ClusterCache): string {
  const kinds = Object.entries(watch.stats()).flatMap(([kind, { isSynced }]) => (isSynced ? [] : [kind]))
  return kinds.length === 0 ? '' : ` (not listed: ${kinds.join(', ')})`
}

const objectCounts = ({ watch }: ClusterCache): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(watch.stats()).map(([kind, { objects }]) => [kind, objects]))
