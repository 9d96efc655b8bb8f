import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { createAuthority, type Authority } from '../../cluster/credentials.ts'
import { Balancer } from './balancer.ts'
import { startProcess, type GuardProcess } from './guard-process.ts'
import { configure, unconfigure } from './guarded.ts'

const real = clusterTests()

/** A folder as a Secret of type kubernetes.io/tls is mounted. */
async function certificateDir(
  context: TestContext,
): Promise<{ readonly folder: string; readonly authority: Authority; readonly renew: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-guard-tls-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  const authority = await createAuthority()
  const renew = async (): Promise<void> => {
    const { certificate, key } = await authority.server(['127.0.0.1'])
    await writeFile(join(folder, 'tls.crt'), certificate)
    await writeFile(join(folder, 'tls.key'), key)
  }
  await renew()
  return { folder, authority, renew }
}

function checkMetrics(text: string): void {
  const valueOf = (name: string): number =>
    Number(
      text
        .split('\n')
        .find(line => line.startsWith(`canary_guard_${name} `))
        ?.split(' ')[1],
    )
  const now = Date.now() / 1000
  assert.equal(valueOf('config_valid'), 1)
  assert.equal(valueOf('config_loads_total{result="rejected"}'), 1)
  assert.ok(valueOf('certificate_expiry_timestamp_seconds') > now + 86_400)
  assert.ok(Math.abs(valueOf('audit_last_timestamp_seconds') - now) < 600)
  assert.ok(valueOf('cache_objects{kind="Namespace"}') >= 4)
  assert.equal(valueOf('watch_drift_total{kind="Namespace"}'), 0)
  assert.equal(valueOf('errors_total{reason="certificate"}'), 1)
}

real(
  'the process serves, loads new settings and certificates, and ends with 0 on SIGTERM',
  async (cluster, context) => {
    const { folder, renew } = await certificateDir(context)
    const config = join(folder, 'config.yaml')
    await writeFile(config, 'onError: deny\n')
    await using guard = startProcess({ kubeconfig: cluster.kubeconfig, certificateDir: folder, config })
    await guard.ready()
    assert.deepEqual(
      [(await guard.probe('/healthz')).status, (await guard.probe('/readyz')).status],
      [200, 200],
    )

    await writeFile(config, 'nonsense: true\n')
    assert.match(
      String((await guard.line('configuration rejected; the previous one stays in use'))['error']),
      /"nonsense"/,
    )
    await writeFile(config, 'audit: { intervalSeconds: 60 }\n')
    await guard.line('configuration loaded')
    const seen = guard.lines.length
    await renew()
    await guard.line('certificate loaded', seen)
    await writeFile(join(folder, 'tls.key'), 'garbage')
    await guard.line('certificate rejected; the previous one, if any, stays in use', seen)
    assert.equal((await guard.probe('/readyz')).status, 200)

    checkMetrics((await guard.probe('/metrics')).text)
    guard.signal('SIGTERM')
    assert.equal(await guard.ended(), 0)
    assert.equal(guard.stderr, '')
  },
)

real('the process is not ready while it drains, but still serves', async (cluster, context) => {
  const { folder } = await certificateDir(context)
  await using guard = startProcess({
    kubeconfig: cluster.kubeconfig,
    certificateDir: folder,
    drainSeconds: 30,
  })
  await guard.ready()
  guard.signal('SIGTERM')
  await guard.line('draining')
  assert.deepEqual(await guard.probe('/readyz'), { status: 503, text: 'not ready: draining\n' })
  assert.equal((await guard.probe('/healthz')).status, 200)
  guard.signal('SIGTERM')
  assert.equal(await guard.ended(), null, 'whoever cannot wait asks twice')
})

real(
  'the process is not ready with an expired certificate, and ready again with the next one',
  async (cluster, context) => {
    const { folder, renew } = await certificateDir(context)
    await using guard = startProcess({ kubeconfig: cluster.kubeconfig, certificateDir: folder })
    await guard.ready()
    const expired = await cluster.clientCertificate({ name: 'expired' }, { expired: true })
    const seen = guard.lines.length
    await writeFile(join(folder, 'tls.key'), expired.key)
    await writeFile(join(folder, 'tls.crt'), expired.certificate)
    await guard.line('certificate loaded', seen)
    assert.deepEqual(await guard.probe('/readyz'), {
      status: 503,
      text: 'not ready: the certificate has expired\n',
    })
    assert.equal((await guard.probe('/healthz')).status, 200)
    const later = guard.lines.length
    await renew()
    await guard.line('certificate loaded', later)
    assert.equal((await guard.probe('/readyz')).status, 200)
  },
)

real('the process says what is wrong with its start', async (cluster, context) => {
  const { folder } = await certificateDir(context)
  const config = join(folder, 'config.yaml')
  await writeFile(config, 'nonsense: true\n')
  await using guard = startProcess({ kubeconfig: cluster.kubeconfig, certificateDir: folder, config })
  assert.equal(await guard.ended(), 1)
  assert.match(guard.stderr, /^canary-guard: the configuration .* has the unknown key "nonsense"\n$/)
})

/** Asks for admissions until told to stop; every answer counts. */
async function load(
  cluster: Cluster,
  namespace: string,
  isOver: () => boolean,
): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>()
  const body = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'load' },
    spec: { hosts: ['x'], http: [{ route: [{ destination: { host: 'x' } }] }] },
  }
  const ask = async (): Promise<void> => {
    while (!isOver()) {
      const { status } = await cluster.request(
        `/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices?dryRun=All`,
        { method: 'POST', body },
      )
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      await sleep(60)
    }
  }
  await Promise.all(Array.from({ length: 4 }, ask))
  return statuses
}

/** How late a Service's endpoints learn that a pod is on its way out. */
const lagMs = 2_000

real(
  'no admission fails over 20 rolling restarts under load, with failurePolicy Fail',
  async (cluster, context) => {
    const { folder, authority } = await certificateDir(context)
    const namespace = await cluster.namespace()
    await using balancer = new Balancer()
    await using guards = new AsyncDisposableStack()
    const start = async (): Promise<GuardProcess> => {
      const guard = guards.use(
        startProcess({ kubeconfig: cluster.kubeconfig, certificateDir: folder, drainSeconds: 4 }),
      )
      await guard.ready()
      balancer.add(await guard.port())
      return guard
    }
    const replicas = [await start(), await start()]
    await configure(cluster, {
      at: { url: `https://127.0.0.1:${await balancer.listen()}/validate` },
      authority: authority.certificate,
    })
    let isOver = false
    const loaded = load(cluster, namespace, () => isOver)
    const exits: Promise<number | null>[] = []
    for (let i = 0; i < 20; i++) {
      replicas.push(await start())
      const old = replicas.shift()!
      old.signal('SIGTERM')
      exits.push(old.ended())
      const port = await old.port()
      setTimeout(() => balancer.remove(port), lagMs)
    }
    assert.deepEqual(new Set(await Promise.all(exits)), new Set([0]))
    isOver = true
    const statuses = await loaded
    await unconfigure(cluster)
    context.diagnostic(`${statuses.get(201)} admissions`)
    assert.deepEqual([...statuses.keys()], [201])
  },
)
