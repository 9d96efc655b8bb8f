import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { after } from 'node:test'
import { promisify } from 'node:util'
import { parseRecording } from '../../shared/analysis/recorded/recording.ts'
import { labelsOf, startExporter, toVersion } from '../metrics/exporter.ts'
import { prometheusTests, startPrometheus } from '../metrics/prometheus.ts'

const running = new AsyncDisposableStack()
after(() => running.disposeAsync())
const real = prometheusTests(async () => {
  const to = (version: string, more = {}) => labelsOf('source', { ...toVersion(version), ...more })
  const exporter = running.use(
    await startExporter([
      { labels: to('v1'), rps: 90 },
      { labels: to('v2'), rps: 9 },
      { labels: to('v2', { response_code: '503' }), rps: 1 },
    ]),
  )
  return running.use(await startPrometheus(exporter))
})

/** Whether the programs of the documented command are here. */
const hasPrograms = await promisify(execFile)('sh', ['-c', 'command -v curl && command -v jq']).then(
  () => true,
  () => false,
)

real('the documented commands make a recording of what a Prometheus has', async ({ url }) => {
  if (!hasPrograms) return
  const text = await readFile(new URL('../../docs/run.md', import.meta.url), 'utf8')
  const script = /```sh\n(record\(\)[\s\S]*?)```/.exec(text)![1]!.replace(/ > traffic\.jsonl/, '')
  const end = Math.floor(Date.now() / 1000) - 60
  const env = { ...process.env, PROMETHEUS: url, START: String(end - 300), END: String(end) }
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env, maxBuffer: 2 ** 26 })
  const { ticks, interval, versions, hasDurations } = parseRecording(stdout)
  assert.deepEqual([interval, versions, hasDurations, ticks.length], [60, ['v1', 'v2'], true, 6])
  for (const { counts } of ticks) {
    const { requests, failures, buckets } = counts.get('v2')!
    assert.deepEqual([requests, failures, buckets!.at(-1)!.count].map(Math.round), [600, 60, 600])
  }
})
