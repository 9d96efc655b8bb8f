import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import type { ConfigInForce } from '../config/config-file.ts'
import { Audit } from '../observe/audit.ts'
import { setWatchFigures, type Metrics } from '../observe/metrics.ts'
import { AdmissionServer } from '../serve/admission-server.ts'
import { answerReview } from '../admission/answer-review.ts'
import type { KeyPairSource } from '../certificate/server-key-pair.ts'
import { createProbeServer, type ProbeOptions } from '../serve/probe-server.ts'
import { listenOn } from '../serve/listen-on.ts'
import { Serving } from './certified-server.ts'
import { startCache, type ClusterCache } from '../cache/cluster-cache.ts'
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
  readonly config: ConfigInForce
  readonly requester: Requester
  readonly keyPairs: KeyPairSource
  readonly log: Logger
  readonly metrics: Metrics
}

/** A running guard. */
export interface Guard {
  readonly probePort: number
  /** The port for the API server, once there is a certificate to listen with. */
  readonly port: Promise<number>
  readonly cache: ClusterCache
  /** Not ready at once, still serving for the drain time, then everything is closed. */
  stop(): Promise<void>
}

/** Starts everything; rejects only where a port cannot be had. */
export async function startGuard(parts: GuardParts): Promise<Guard> {
  const { host, log, metrics, config, requester, rules } = parts
  const ended = new AbortController()
  let isDraining = false
  let isWarm = false
  const cache = startCache({ requester, rules, log, mesh: () => config.current.mesh })
  const serving = servingOver(cache, parts)
  const unready = (): readonly string[] => [
    ...serving.unready(),
    ...(isWarm ? [] : [`the cluster is not yet known${unlisted(cache)}`]),
    ...(isDraining ? ['draining'] : []),
  ]
  const probes = createProbeServer({ unready, metrics: () => exposed(metrics, cache, config) })
  const probePort = await listenOn(probes, host, parts.probePort)
  log.info({ port: probePort }, 'probes and metrics are served')
  parts.keyPairs.start(keyPair => serving.take(keyPair))
  void cache.watch.synced.then(async () => {
    await warmUp(cache.view, judgeBy(rules, config.current))
    isWarm = true
    if (!ended.signal.aborted) log.info({ objects: objectsOf(cache) }, 'the cluster is known')
    await auditUntil(ended.signal, cache, parts)
  })
  watchMemory(
    () => log.warn({ ...process.memoryUsage(), objects: objectsOf(cache) }, 'memory is tight'),
    ended.signal,
  )
  return {
    probePort,
    cache,
    port: serving.port,
    stop: async () => {
      isDraining = true
      log.info({ ms: parts.drainMs }, 'draining')
      serving.drain()
      await pause(parts.drainMs)
      ended.abort()
      await parts.keyPairs.close()
      await serving.close()
      await Promise.all([cache.close(), probes.close()])
      config.close()
    },
  }
}

/** The server for the API server's reviews, which listens once there is a certificate. */
function servingOver(
  cache: ClusterCache,
  { host, port, log, metrics, config, requester, rules }: GuardParts,
): Serving {
  const judge = (): Judge => judgeBy(rules, config.current)
  const reviewer = reviewerOver(cache, { judge, config, requester, log, metrics })
  return new Serving({
    host,
    port,
    log,
    metrics,
    createServer: keyPair =>
      new AdmissionServer({
        keyPair,
        answer: (body, budgetMs) => answerReview(body, budgetMs, reviewer),
        onHandshakeError: () => metrics.errors.inc({ reason: 'tls-handshake' }),
        onCrowded: () => metrics.errors.inc({ reason: 'crowded' }),
      }),
  })
}

/** Audits the cluster as often as the configuration says. */
function auditUntil(
  signal: AbortSignal,
  { view }: ClusterCache,
  { rules, config, log, metrics }: GuardParts,
): Promise<void> {
  const audit = new Audit({ view, judge: () => auditBy(rules, config.current), log, metrics })
  return repeat(
    () => audit.sweep(signal),
    () => config.current.audit.everySeconds * 1000,
    signal,
  )
}

async function exposed(
  metrics: Metrics,
  { watch }: ClusterCache,
  { isValid }: ConfigInForce,
): ReturnType<ProbeOptions['metrics']> {
  setWatchFigures(metrics, watch.stats())
  metrics.configValid.set(isValid ? 1 : 0)
  return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() }
}

/** Which kinds are missing, as those are that the guard may not read. */
function unlisted({ watch }: ClusterCache): string {
  const kinds = Object.entries(watch.stats()).flatMap(([kind, { isSynced }]) => (isSynced ? [] : [kind]))
  return kinds.length === 0 ? '' : `, no list yet of ${kinds.join(', ')}`
}

const objectsOf = ({ watch }: ClusterCache): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(watch.stats()).map(([kind, { objects }]) => [kind, objects]))
