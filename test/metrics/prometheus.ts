/** A real Prometheus that scrapes exporters of the test, in a temporary folder, gone when the test is. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureAssets } from '../cluster/assets.ts'
import { freePort, loopback } from '../cluster/control-plane.ts'
import { Processes } from '../cluster/processes.ts'

/** A Prometheus, its address, and how it is ended early. */
export interface RunningPrometheus extends AsyncDisposable {
  readonly url: string
}

/** Starts one that scrapes these targets; throws AssetsMissing where it cannot be had. */
export async function startPrometheus(targets: readonly string[]): Promise<RunningPrometheus> {
  const { prometheus } = await ensureAssets(['prometheus'])
  const processes = await Processes.create()
  const port = await freePort()
  const configuration = {
    // So often that the exporters' past is scraped in seconds; its points are 15 s apart.
    global: { scrape_interval: '100ms', scrape_timeout: '100ms' },
    scrape_configs: [{ job_name: 'proxies', static_configs: [{ targets: [...targets] }] }],
  }
  await writeFile(join(processes.folder, 'prometheus.yml'), JSON.stringify(configuration))
  await processes.start('prometheus', prometheus, [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    `--web.listen-address=${loopback}:${port}`,
    '--log.level=warn',
  ])
  const url = `http://${loopback}:${port}`
  for (let waited = 0; waited < 300 && !(await isReady(url)); waited++) {
    await processes.check()
    await sleep(100)
  }
  return { url, [Symbol.asyncDispose]: () => processes.stop() }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/-/ready`).then(
    ({ status }) => status === 200,
    () => false,
  )
