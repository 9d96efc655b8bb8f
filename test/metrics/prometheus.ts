/** A real Prometheus that scrapes exporters of the test, in a temporary folder, gone when the test is. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { orSkip } from '../cluster/cluster-test.ts'
import { ensureAssets } from '../cluster/assets.ts'
import { freePort, loopback } from '../cluster/control-plane.ts'
import type { Exporter } from './exporter.ts'
import { endNow, Processes } from '../cluster/processes.ts'

/** A Prometheus, its address, and how it is ended early. */
export interface RunningPrometheus extends AsyncDisposable {
  readonly url: string
  /** Ends the server; its address and what it has scraped stay. */
  halt(): Promise<void>
  /** Starts it again, and waits until it answers. */
  restart(): Promise<void>
}

/** Starts one, and waits until it has the exporter's whole past; throws AssetsMissing where it cannot be had. */
export async function startPrometheus(exporter: Exporter): Promise<RunningPrometheus> {
  const { prometheus } = await ensureAssets(['prometheus'])
  const processes = await Processes.create()
  const port = await freePort()
  const configuration = {
    global: { scrape_interval: '3s', scrape_timeout: '3s' },
    scrape_configs: [{ job_name: 'proxies', static_configs: [{ targets: [exporter.target] }] }],
  }
  await writeFile(join(processes.folder, 'prometheus.yml'), JSON.stringify(configuration))
  const start = () =>
    processes.start('prometheus', prometheus, [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=${loopback}:${port}`,
      '--log.level=warn',
    ])
  let server = await start()
  const url = `http://${loopback}:${port}`
  const { flows, points } = exporter
  const whole = `count(count_over_time(istio_request_duration_milliseconds_bucket{le="+Inf"}[1h]) >= ${points})`
  for (let waited = 0; waited < 600 && Number((await valueOf(url, whole)) ?? 0) < flows; waited++) {
    await processes.check()
    await sleep(100)
  }
  exporter.endPast()
  return {
    url,
    halt: () => endNow(server),
    restart: async () => {
      server = await start()
      for (let waited = 0; waited < 300 && (await valueOf(url, 'vector(1)')) === undefined; waited++)
        await sleep(100)
    },
    [Symbol.asyncDispose]: () => processes.stop(),
  }
}

/** Tests on one world with a Prometheus, which the first of them starts; they are skipped where it cannot be had. */
export function prometheusTests<World>(
  start: () => Promise<World>,
): (title: string, body: (world: World) => Promise<void>) => void {
  let started: Promise<World> | undefined
  return (title, body) =>
    void test(title, async (context: TestContext) => {
      const world = await orSkip(context, () => (started ??= start()))
      if (world !== undefined) await body(world)
    })
}

/** The value of a query; undefined while Prometheus does not answer. */
async function valueOf(url: string, query: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`).catch(
    () => undefined,
  )
  if (answer?.status !== 200) return undefined
  const { data } = (await answer.json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
  }
  return data.result[0]?.value[1]
}
