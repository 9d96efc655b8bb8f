import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { parse } from 'yaml'
import { connect } from '../shared/live/connection/connect.ts'
import { CanaryError } from '../shared/objects/canary-error.ts'
import { guardedRules } from '../shared/rules/catalogue.ts'
import { describedRules } from '../shared/rules/described.ts'
import { openConfig } from './config/config-file.ts'
import { configReader } from './config/read-config.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { openLog } from './observe/open-log.ts'
import { disableWithNamespace } from './run/disable-with-namespace.ts'
import { keyPairSourceOf, type KeyPairParts } from './run/key-pairs.ts'
import { optionsOf, usage, valuesOf, type Options } from './run/options.ts'
import { requesterOf } from './run/requester.ts'
import { startGuard, type Guard } from './run/start-guard.ts'
import { selfTest } from './run/self-test.ts'
import type { KeyPairSource } from './certificate/key-pair.ts'

/** Runs the guard as its container does; returns after a signal, when it has drained. */
async function main(): Promise<void> {
  const [verb, ...args] = process.argv.slice(2)
  if (verb === 'test') return test(args)
  const options = optionsOf(process.argv.slice(2), process.env)
  if (options === undefined) return void process.stdout.write(`${usage}\n`)
  const metrics = createMetrics()
  const { log, close } = openLog(options.logLevel, () => metrics.errors.inc({ reason: 'log' }))
  process.on('unhandledRejection', error =>
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'unhandled rejection'),
  )
  try {
    await guardUntilStopped(options, log, metrics)
  } finally {
    // Otherwise Node waits for its thread that is blocked in a write.
    if (!(await close())) process.once('exit', () => process.kill(process.pid, 'SIGKILL'))
  }
}

async function guardUntilStopped(options: Options, log: Logger, metrics: Metrics): Promise<void> {
  // First: the first process of a container ignores every signal that it has no handler for.
  const stopSignal = receivedStopSignal()
  const guard = await start(options, log, metrics)
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  guard.port.catch(fail)
  await Promise.race([stopSignal, failed])
  await guard.stop()
  log.info('stopped')
}

/** The command of `helm test`: `canary-guard test --namespace=NAMESPACE`. */
async function test(args: string[]): Promise<void> {
  const {
    namespace = 'default',
    kubeconfig,
    help,
  } = valuesOf(args, ['namespace', 'kubeconfig']) as Readonly<Record<string, string | undefined>>
  if (help !== undefined)
    return void process.stdout.write('canary-guard test --namespace=NAMESPACE [--kubeconfig=FILE]\n')
  const connection = await connect({ kubeconfig }, { env: process.env, parseYaml: parse })
  process.stdout.write(
    `The guard denied an invalid VirtualService, as expected:\n\n${await selfTest(connection, namespace)}\n`,
  )
}

async function start(options: Options, log: Logger, metrics: Metrics): Promise<Guard> {
  let guard: Guard | undefined = undefined
  const config = await openConfig(
    options.config,
    configReader(describedRules(guardedRules).map(({ id }) => id)),
    {
      onLoaded: () => {
        metrics.configLoads.inc({ result: 'loaded' })
        log.info('configuration loaded')
        // During the start there is no cache yet; it reads the mesh when it starts.
        void guard?.cache.readMesh()
      },
      onRejected: error => {
        metrics.configLoads.inc({ result: 'rejected' })
        log.error({ error: error.message }, 'configuration rejected; the previous one stays in use')
      },
    },
  )
  const connection = await connect({ kubeconfig: options.kubeconfig }, { env: process.env, parseYaml: parse })
  const keyPairs = keyPairSourceOf(options, { connection, log, metrics })
  guard = await startGuard({
    ...options,
    drainMs: options.drainSeconds * 1000,
    rules: guardedRules,
    config,
    requester: requesterOf(connection),
    post: request => connection.request(request),
    callers: {
      clientCA: options.clientCA === undefined ? undefined : await readFile(options.clientCA, 'utf8'),
      isNetworkTrusted: options.trustedCallers === 'network',
      addresses: options.apiServerAddresses,
    },
    connection,
    keyPairs,
    log,
    metrics,
  })
  void disableWhenDeleted(options, { connection, keyPairs, log })
  return guard
}

/** Empties the webhook configuration when the guard's namespace is deleted, if the options name both. */
async function disableWhenDeleted(
  { service, webhookConfiguration }: Options,
  { connection, keyPairs, log }: Omit<KeyPairParts, 'metrics'> & { readonly keyPairs: KeyPairSource },
): Promise<void> {
  const [namespace = ''] = (service ?? '').split('/')
  if (namespace === '' || webhookConfiguration === undefined) return
  await disableWithNamespace({
    connection,
    namespace,
    webhookConfigurationName: webhookConfiguration,
    signal: new AbortController().signal,
    onDeletion: () => void keyPairs.close(),
    onDisabled: () =>
      log.warn(
        { namespace },
        'namespace is being deleted: webhook configuration emptied, so that no write is blocked',
      ),
    onProblem: error =>
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'namespace is being deleted: webhook configuration could not be emptied; retrying',
      ),
  })
}

/**
 * Resolves on SIGTERM or SIGINT. A second signal ends the process at once, which `process.exit` does not do while
 * a write to the log is blocked.
 */
function receivedStopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => (++count > 1 ? process.kill(process.pid, 'SIGKILL') : resolve()))
  return promise
}

try {
  await main()
  process.exit(0)
} catch (error) {
  process.stderr.write(
    `canary-guard: ${error instanceof CanaryError ? [error.message, ...error.hints].join('\n') : error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exit(error instanceof CanaryError && error.code === 'usage' ? 2 : 1)
}
