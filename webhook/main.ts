import type { Logger } from 'pino'
import { parse } from 'yaml'
import { connect } from '../shared/live/connection/connect.ts'
import { CanaryError } from '../shared/objects/canary-error.ts'
import { catalogue } from '../shared/rules/catalogue.ts'
import { describedRules } from '../shared/rules/described.ts'
import { openConfig } from './config/config-file.ts'
import { configReader } from './config/read-config.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { openLog } from './observe/open-log.ts'
import { leaveWithNamespace } from './run/disable-with-namespace.ts'
import { keyPairsOf, type KeyPairParts } from './run/key-pairs.ts'
import { optionsOf, usage, valuesOf, type Options } from './run/options.ts'
import { requesterOf } from './run/requester.ts'
import { startGuard, type Guard } from './run/start-guard.ts'
import { selfTest } from './run/self-test.ts'
import type { KeyPairSource } from './certificate/server-key-pair.ts'

/**
 * Runs the guard as its container does; returns when it has been told to stop and has drained. The only place
 * that names `process`.
 */
async function main(): Promise<void> {
  const [verb, ...args] = process.argv.slice(2)
  if (verb === 'test') return test(args)
  const options = optionsOf(process.argv.slice(2), process.env)
  if (options === undefined) return void process.stdout.write(`${usage}\n`)
  const metrics = createMetrics()
  const { log, close } = openLog(options.logLevel, () => metrics.errors.inc({ reason: 'log' }))
  process.on('unhandledRejection', error =>
    log.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'a promise failed and nobody noticed',
    ),
  )
  try {
    await guardUntilStopped(options, log, metrics)
  } finally {
    // Node would end no sooner than its thread that writes.
    if (!(await close())) process.once('exit', () => process.kill(process.pid, 'SIGKILL'))
  }
}

async function guardUntilStopped(options: Options, log: Logger, metrics: Metrics): Promise<void> {
  // Before all else: to the first process of a container a signal that it does not listen for does nothing.
  const asked = stopAsked()
  const guard = await start(options, log, metrics)
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  guard.port.catch(fail)
  await Promise.race([asked, failed])
  await guard.stop()
  log.info('stopped')
}

/** What `helm test` runs: `canary-guard test --namespace=NAMESPACE`. */
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
    `A known-bad VirtualService was refused, as it should be:\n\n${await selfTest(connection, namespace)}\n`,
  )
}

async function start(options: Options, log: Logger, metrics: Metrics): Promise<Guard> {
  let guard: Guard | undefined = undefined
  const config = await openConfig(
    options.config,
    configReader(describedRules(catalogue).map(({ id }) => id)),
    {
      onLoaded: () => {
        metrics.configLoads.inc({ result: 'taken' })
        log.info('the configuration has changed and is in force')
        // A guard that is still to start will read it anyway.
        void guard?.cache.readMesh()
      },
      onRefused: error => {
        metrics.configLoads.inc({ result: 'refused' })
        log.error({ error: error.message }, 'the configuration before stays in force')
      },
    },
  )
  const connection = await connect({ kubeconfig: options.kubeconfig }, { env: process.env, parseYaml: parse })
  const keyPairs = keyPairsOf(options, { connection, log, metrics })
  guard = await startGuard({
    ...options,
    drainMs: options.drainSeconds * 1000,
    rules: catalogue,
    config,
    requester: requesterOf(connection),
    keyPairs,
    log,
    metrics,
  })
  void leave(options, { connection, keyPairs, log })
  return guard
}

/**
 * Sees to it that the configuration does not outlive the guard's namespace; does nothing where the options
 * name none.
 */
async function leave(
  { service, webhookConfiguration }: Options,
  { connection, keyPairs, log }: Omit<KeyPairParts, 'metrics'> & { readonly keyPairs: KeyPairSource },
): Promise<void> {
  const [namespace = ''] = (service ?? '').split('/')
  if (namespace === '' || webhookConfiguration === undefined) return
  await leaveWithNamespace({
    connection,
    namespace,
    webhookConfigurationName: webhookConfiguration,
    signal: new AbortController().signal,
    onLeave: () => void keyPairs.close(),
    onLeft: () =>
      log.warn(
        { namespace },
        'the namespace is being deleted: the configuration is empty now, so that no write waits for what is gone',
      ),
    onProblem: error =>
      log.error(
        { error: error instanceof Error ? error.message : String(error) },
        'the namespace is being deleted, and the configuration could not be written',
      ),
  })
}

/**
 * SIGTERM or SIGINT; a second one ends the process at once, which `process.exit` does not where nobody reads
 * the log.
 */
function stopAsked(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => (++asked > 1 ? process.kill(process.pid, 'SIGKILL') : resolve()))
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
