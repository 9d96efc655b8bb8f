import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import { pluginProgram } from '../build/built-programs.ts'
import { ensureAssets } from '../cluster/assets.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { runCommand } from '../plugin/run-command.ts'
import {
  budget,
  deployment,
  destinationRule,
  disabled,
  optingOut,
  peer,
  scaler,
  service,
  virtualService,
  worldText,
} from './worlds.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })
const made: string[] = []
after(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true })
})

/** A folder with `kubectl` and its plugin, as a person has them on the PATH. */
async function programs(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-doctor-'))
  made.push(folder)
  const { kubectl } = await ensureAssets(['kubectl'])
  await symlink(kubectl, join(folder, 'kubectl'))
  const script = join(folder, 'kubectl-canary')
  await writeFile(
    script,
    `#!/bin/sh\nXDG_CACHE_HOME=${folder} exec ${process.execPath} ${pluginProgram} "$@"\n`,
  )
  await chmod(script, 0o755)
  return folder
}

interface Answer {
  readonly reports: readonly {
    readonly kind: string
    readonly checks: readonly {
      readonly id: string
      readonly state: string
      readonly results: readonly { readonly message: string; readonly fix: readonly string[] }[]
    }[]
  }[]
}

async function doctor(cluster: Cluster, namespace: string, words: readonly string[]) {
  const { stdout, stderr } = await runCommand(
    ['doctor', ...words, '-n', namespace, '-o', 'json', '--kubeconfig', cluster.kubeconfig],
    { store: openStore },
  )
  assert.notEqual(stdout, '', stderr)
  return (JSON.parse(stdout) as Answer).reports
}

/** There is no kubelet: what is asked for counts as ready. */
async function makeReady(cluster: Cluster, namespace: string): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const { items } = (await cluster.expect(path)) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string }
      readonly spec: { readonly replicas: number }
    }[]
  }
  for (const { metadata, spec } of items)
    await cluster.expect(`${path}/${metadata.name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: {
        status: { replicas: spec.replicas, readyReplicas: spec.replicas, availableReplicas: spec.replicas },
      },
    })
}

const other =
  '{apiVersion: v1, kind: Service, metadata: {name: raw, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: tcp-x, port: 99, targetPort: http}]}}'
const gateway =
  '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: ingress, namespace: shop}, spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}'
const cohorts = `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: shop}, spec: {hosts: ["*"], gateways: [ingress], http: [{route: [{destination: {host: web}}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}`

/** What is wrong, by the check that says so; `labels` are those of the namespace. */
const worlds: readonly {
  readonly id: string
  readonly title: string
  readonly texts: readonly string[]
  readonly labels?: string
  readonly before?: string
  /** What a controller does, of which there is none. */
  readonly later?: string
}[] = [
  {
    id: 'pod-labels',
    title: 'a version label that a route asks for',
    texts: worldText({ v2: deployment('catalog-v2', 'app: catalog') }),
  },
  {
    id: 'pod-labels',
    title: 'neither app nor version',
    texts: worldText({
      v2: '',
      rule: '',
      route: '',
      service: service('selector: {run: catalog}'),
      v1: deployment('catalog', 'run: catalog'),
    }),
  },
  {
    id: 'service-selector',
    title: 'a pinned version',
    texts: worldText({ service: service('selector: {app: catalog, version: v1}') }),
  },
  {
    id: 'ports',
    title: 'a port that a route uses',
    texts: worldText({ service: service(undefined, '{name: api, port: 80}') }),
  },
  {
    id: 'ports',
    title: 'a port beside',
    texts: worldText({ service: service(undefined, '{name: http, port: 80}, {name: db, port: 5432}') }),
  },
  { id: 'port-conflicts', title: 'two protocols', texts: worldText({}, other) },
  { id: 'injection', title: 'a namespace without labels', texts: worldText(), labels: 'team=shop' },
  {
    id: 'injection',
    title: 'a namespace that refuses',
    texts: worldText(),
    labels: 'istio-injection=disabled',
  },
  {
    id: 'injection',
    title: 'a managed revision that is hidden',
    texts: worldText(),
    labels: 'istio-injection=disabled istio.io/rev=asm-managed',
  },
  { id: 'injection', title: 'a template that opts out', texts: worldText({ v2: optingOut }) },
  { id: 'waypoint', title: 'none', texts: worldText(), labels: 'istio.io/dataplane-mode=ambient' },
  {
    id: 'subsets',
    title: 'an undefined subset',
    texts: worldText({ rule: destinationRule().replace(', {name: v2, labels: {version: v2}}', '') }),
  },
  {
    id: 'virtual-services',
    title: 'a second one with other hosts',
    texts: worldText(
      {},
      virtualService()
        .replace('name: catalog,', 'name: later,')
        .replace('hosts: [catalog]', 'hosts: [other.example.com, catalog]'),
    ),
  },
  {
    id: 'virtual-services',
    title: 'a second one of a gateway as well',
    texts: worldText(
      {},
      gateway,
      virtualService(', gateways: [mesh, ingress]').replace('name: catalog,', 'name: later,'),
    ),
  },
  {
    id: 'virtual-services',
    title: 'a second one of nothing else',
    texts: worldText({}, virtualService().replace('name: catalog,', 'name: later,')),
  },
  {
    id: 'route-coverage',
    title: 'a gateway alone',
    texts: worldText({ route: virtualService(', gateways: [ingress]') }, gateway),
    before: 'kubectl annotate virtualservice catalog kubectl-canary/stable=v1',
  },
  {
    id: 'header-forwarding',
    title: 'nothing declared',
    texts: worldText({}, gateway, cohorts),
    before: 'kubectl canary cohort internal catalog --to v2',
  },
  {
    id: 'mtls',
    title: 'DISABLE where only mTLS is accepted',
    texts: worldText({ rule: disabled }, peer('mtls: {mode: STRICT}')),
  },
  {
    id: 'mtls',
    title: 'SIMPLE for one port',
    texts: worldText(
      {
        rule: destinationRule(
          ', trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, sni: a.b}}]}',
        ),
      },
      peer('mtls: {mode: STRICT}'),
    ),
  },
  {
    id: 'mtls',
    title: 'ISTIO_MUTUAL without sidecars',
    texts: worldText({
      v1: deployment('catalog', 'app: catalog, version: v1, sidecar.istio.io/inject: "false"'),
      v2: optingOut,
      rule: destinationRule(', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}'),
    }),
  },
  {
    id: 'headless',
    title: 'a split',
    texts: worldText({ service: service('clusterIP: None, selector: {app: catalog}') }),
  },
  {
    id: 'session-affinity',
    title: 'a split',
    texts: worldText({ service: service('sessionAffinity: ClientIP, selector: {app: catalog}') }),
  },
  { id: 'autoscaling', title: 'stable alone', texts: worldText({}, scaler('catalog')) },
  {
    id: 'autoscaling',
    title: 'a low bound',
    texts: worldText(
      { v1: deployment('catalog', 'app: catalog, version: v1', { replicas: 30 }) },
      scaler('catalog', 40),
      scaler('catalog-v2', 2),
    ),
  },
  { id: 'disruption-budgets', title: 'no eviction', texts: worldText({}, budget('minAvailable: 3')) },
  {
    id: 'disruption-budgets',
    title: 'two for one pod',
    texts: worldText({}, budget('maxUnavailable: 1'), budget('maxUnavailable: 1', 'again')),
  },
  {
    id: 'capacity',
    title: 'too few pods',
    texts: worldText({ v1: deployment('catalog', 'app: catalog, version: v1', { replicas: 30 }) }),
  },
  {
    id: 'capacity',
    title: 'too few pods, with an autoscaler',
    later: 'kubectl scale deployment catalog-v2 --replicas=3',
    texts: worldText(
      { v1: deployment('catalog', 'app: catalog, version: v1', { replicas: 30 }) },
      scaler('catalog', 40),
      scaler('catalog-v2', 20),
    ),
  },
]

for (const { id, title, texts, labels = 'istio-injection=enabled', before, later } of worlds)
  real(`the fix that is printed works, and then the check passes: ${id}, ${title}`, async cluster => {
    const namespace = await cluster.namespace()
    const env = { PATH: `${await programs()}:${process.env['PATH']}` }
    const run = async (command: string): Promise<void> => {
      const { code, stderr } = await cluster.run('/bin/sh', ['-c', command], { env })
      assert.equal(code, 0, `${command}: ${stderr}`)
    }
    await run(`kubectl label namespace ${namespace} ${labels}`)
    // Each apart, as of objects of one second the names say which is older.
    for (const text of texts.filter(each => !each.includes('kind: Namespace,')))
      await cluster.apply(text.replaceAll('namespace: shop', `namespace: ${namespace}`), { namespace })
    await makeReady(cluster, namespace)
    if (before !== undefined) await run(`${before} -n ${namespace}`)
    const stateOf = async () => {
      const [report] = await doctor(cluster, namespace, ['catalog'])
      return report!.checks.find(check => check.id === id)
    }
    const first = await stateOf()
    assert.notEqual(first?.state, 'pass', JSON.stringify(first))
    const lines = first!.results.flatMap(({ fix }) => fix)
    const commands = lines.filter(line => /^(?:kubectl|echo) /.test(line))
    assert.ok(commands.length > 0, JSON.stringify(first))
    for (const command of new Set(commands)) await run(command)
    if (later !== undefined) await run(`${later} -n ${namespace}`)
    await makeReady(cluster, namespace)
    const second = await stateOf()
    assert.equal(second?.state ?? 'pass', 'pass', JSON.stringify(second))
  })

real('the fix of a workload without a Service makes one that selects its pods', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply(
    [
      deployment('loadgenerator', 'app: loadgenerator, version: v1').replace(
        ', ports: [{name: http, containerPort: 8080}]',
        '',
      ),
      deployment('worker', 'app: worker, version: v1'),
    ]
      .join('\n---\n')
      .replaceAll('namespace: shop', `namespace: ${namespace}`),
  )
  const env = { PATH: `${await programs()}:${process.env['PATH']}` }
  const stateOf = async () => {
    const [whole] = await doctor(cluster, namespace, [])
    return whole!.checks.find(check => check.id === 'workload-service')!
  }
  const { state, results } = await stateOf()
  assert.equal(state, 'warn')
  assert.equal(results.length, 2)
  for (const command of results.flatMap(({ fix }) => fix)) {
    const { code, stderr } = await cluster.run('/bin/sh', ['-c', command], { env })
    assert.equal(code, 0, `${command}: ${stderr}`)
  }
  assert.equal((await stateOf()).state, 'pass')
})
