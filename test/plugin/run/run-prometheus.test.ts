import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { labelsOf, startExporter, toVersion, type Flow } from '../../metrics/exporter.ts'
import { startPrometheus } from '../../metrics/prometheus.ts'
import { catalogWorld } from '../history/catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { runCommand, words } from '../run-command.ts'

const real = clusterTests()

/** Requests to both versions of the catalog of a namespace, as callers count them. */
const requestsIn = (namespace: string, own: readonly Omit<Flow, 'labels'>[], failed = 0): readonly Flow[] => {
  const to = (version: string, more: Readonly<Record<string, string>> = {}) =>
    labelsOf('source', {
      destination_service: `catalog.${namespace}.svc.cluster.local`,
      destination_service_namespace: namespace,
      destination_workload_namespace: namespace,
      ...toVersion(version),
      ...more,
    })
  return [
    { labels: to('v1'), rps: 90 },
    ...own.map(flow => ({ ...flow, labels: to('v2') })),
    ...(failed > 0 ? [{ labels: to('v2', { response_code: '500' }), rps: failed }] : []),
  ]
}

const wallClock = { now: () => new Date(), wait: (milliseconds: number) => sleep(milliseconds) }

real(
  'a run is judged by a real Prometheus: good, failing and slow versions, no traffic, no server',
  async cluster => {
    const worlds = await Promise.all(['good', 'failing', 'slow', 'idle'].map(() => catalogWorld(cluster)))
    const [good, failing, slow, idle] = worlds.map(({ namespace }) => namespace)
    await using exporter = await startExporter([
      ...requestsIn(good!, [{ rps: 10 }]),
      ...requestsIn(failing!, [{ rps: 9 }], 1),
      ...requestsIn(slow!, [{ rps: 10, durations: { 250: 0, 500: 1000 } }]),
      ...requestsIn(idle!, []),
    ])
    await using prometheus = await startPrometheus(exporter)
    const run = async (namespace: string, url = prometheus.url) => {
      const line = `run catalog v2 --steps 10,50 --interval 1s --threshold 2 --data-deadline 2s --settle 0 --prometheus ${url}`
      const ended = await runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
        store: openStore,
        clock: wallClock,
      })
      const { stdout } = await runCommand(
        ['status', 'catalog', '-n', namespace, '--kubeconfig', cluster.kubeconfig, '--prometheus', 'none'],
        { store: openStore },
      )
      return { ...ended, shares: /everyone → v\d/.exec(statusInWords(stdout))?.[0] }
    }
    const [one, two, three, four] = await Promise.all([run(good!), run(failing!), run(slow!), run(idle!)])
    assert.deepEqual([one.code, one.shares], [0, 'everyone → v2'], one.stdout + one.stderr)
    assert.match(one.stdout, /request-success-rate 100 % \(at least 99 %; v1 100 %; \d{3} requests, v1 \d{4}/)
    assert.deepEqual([two.code, two.shares], [5, 'everyone → v1'], two.stdout + two.stderr)
    assert.match(two.stdout, /request-success-rate 90 %.*: fail/)
    assert.deepEqual([three.code, three.shares], [5, 'everyone → v1'], three.stdout + three.stderr)
    assert.match(three.stdout, /request-duration.*slower than v1.*: fail/)
    assert.deepEqual([four.code, four.shares], [6, 'everyone → v1'], four.stdout + four.stderr)
    const away = await run(idle!, 'http://127.0.0.1:9')
    assert.equal(away.code, 1)
    assert.match(away.stderr, /127\.0\.0\.1:9/)
    assert.equal(away.shares, 'everyone → v1')
  },
)

/** Where the run of a namespace is, as its Lease has it. */
async function stateIn(
  cluster: Cluster,
  namespace: string,
): Promise<{ readonly stage?: number; readonly noDataSince?: string }> {
  const { items } = (await cluster.expect(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`)) as {
    readonly items: readonly {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
    }[]
  }
  const run: unknown = JSON.parse(items[0]?.metadata.annotations['kubectl-canary/run'] ?? '{"state":{}}')
  return (run as { readonly state: { readonly stage?: number; readonly noDataSince?: string } }).state
}

real(
  'a Prometheus that is stopped and started again within a run costs checks without data, and no verdict',
  async cluster => {
    const { namespace } = await catalogWorld(cluster)
    await using exporter = await startExporter(requestsIn(namespace, [{ rps: 10 }]))
    await using prometheus = await startPrometheus(exporter)
    const told: string[] = []
    let isHalted = false
    let isBack = false
    const ended = await runCommand(
      [
        ...words(
          `run catalog v2 --steps 10,50 --interval 1s --threshold 1 --data-deadline 2m --settle 0 --prometheus ${prometheus.url} -o json`,
        ),
        '-n',
        namespace,
        '--kubeconfig',
        cluster.kubeconfig,
      ],
      {
        store: openStore,
        clock: {
          now: () => new Date(),
          wait: async milliseconds => {
            const state = await stateIn(cluster, namespace)
            if (state.stage === 1 && !isHalted) {
              isHalted = true
              await prometheus.halt()
            }
            if (isHalted && state.noDataSince !== undefined && !isBack) {
              isBack = true
              told.push(state.noDataSince)
              await prometheus.restart()
            }
            await sleep(milliseconds)
          },
        },
      },
    )
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.equal(told.length, 1)
    const checks = ended.stdout.split('\n').filter(line => line.includes('"event":"check"'))
    assert.match(checks.join('\n'), /source-failed/)
    assert.doesNotMatch(checks.join('\n'), /"verdict":"fail"/)
  },
)

real('a run with a query that cannot be parsed is not begun', async cluster => {
  const world = await catalogWorld(cluster)
  const { namespace } = world
  await using exporter = await startExporter(requestsIn(namespace, [{ rps: 10 }]))
  await using prometheus = await startPrometheus(exporter)
  const folder = await mkdtemp(join(tmpdir(), 'canary-query-'))
  try {
    const plan = join(folder, 'plan.json')
    const metrics = [{ name: 'queue', query: 'max(queue_length{version="{{ version }}"', max: 1 }]
    await writeFile(plan, JSON.stringify({ steps: [10], interval: '1s', metrics }))
    const ended = await runCommand(
      [
        ...words(`run catalog v2 --plan ${plan} --settle 0 --prometheus ${prometheus.url}`),
        '-n',
        namespace,
        '--kubeconfig',
        cluster.kubeconfig,
      ],
      { store: openStore, clock: wallClock },
    )
    assert.equal(ended.code, 2, ended.stdout + ended.stderr)
    assert.match(ended.stderr, /metric queue: .*\n +The query is: max\(queue_length\{version="v2"$/m)
    assert.equal((await world.does('history catalog')).stdout, '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
