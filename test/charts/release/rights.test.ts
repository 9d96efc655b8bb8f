/** The guard's rights are those that it uses, by the audit log of an API server. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { apiKindOf, resources, workloadKinds, type Kind } from '../../../shared/objects/kinds.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { canary, transitions } from '../../webhook/cluster/gitops/releases.ts'
import { flux } from '../../webhook/cluster/gitops/tools.ts'
import { Release } from './release.ts'

const folder = await mkdtemp(join(tmpdir(), 'canary-audit-'))
after(() => rm(folder, { recursive: true, force: true }))
const [policy, log] = [join(folder, 'policy.json'), join(folder, 'audit.log')]
const level = { level: 'Metadata', userGroups: ['system:serviceaccounts'] }
await writeFile(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [level] }))

const real = clusterTests({
  controllerManager: true,
  crds: ['istio', 'gateway-api'],
  needs: ['helm4'],
  apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'],
})

interface AuditEvent {
  readonly verb: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly name?: string }
  readonly responseStatus?: { readonly code: number; readonly message?: string }
}
interface Granted {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

/** What the guard asked of the API server. */
async function asked(namespace: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n')
  return lines
    .map(line => JSON.parse(line) as AuditEvent)
    .filter(({ user }) => user.username === `system:serviceaccount:${namespace}:canary-guard`)
}

/** What a role grants, as `get networking.istio.io/gateways` or `patch …/validatingwebhookconfigurations canary-guard`. */
async function granted(cluster: Cluster, path: string): Promise<readonly string[]> {
  const { rules } = (await cluster.expect(`/apis/rbac.authorization.k8s.io/v1/${path}/canary-guard`)) as {
    readonly rules: readonly Granted[]
  }
  return rules.flatMap(rule =>
    rule.apiGroups.flatMap(group =>
      rule.resources.flatMap(resource =>
        rule.verbs.flatMap(verb =>
          (rule.resourceNames ?? ['']).map(name => `${verb} ${group}/${resource} ${name}`.trim()),
        ),
      ),
    ),
  )
}

/** The kinds of other projects, of which only the template matters. */
async function serve(cluster: Cluster, kind: Kind): Promise<void> {
  const { group, plural, versions } = resources[kind]
  const name = `${plural}.${group}`
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  await cluster.expect(path, {
    method: 'POST',
    body: {
      metadata: { name },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural, kind: apiKindOf(kind) },
        versions: [
          {
            name: versions[0],
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    },
  })
  await until(`${name} is served`, async () => {
    const { status } = await cluster.request(`/apis/${group}/${versions[0]}/${plural}`)
    return status === 200
  })
}

const istio = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name },
  spec,
})
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog' },
  spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
}
const rule = (labels: object): object =>
  istio('DestinationRule', 'catalog', { host: 'catalog', subsets: [{ name: 'v1', labels }] })
const route = (destination: object, more: object = {}): object =>
  istio('VirtualService', 'catalog', { hosts: ['catalog'], ...more, http: [{ route: [{ destination }] }] })

/** A workload of any kind with these labels. */
function workload(kind: Kind, name: string, labels: object): object {
  const { group, versions } = resources[kind]
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'c' }] } }
  const type = {
    apiVersion: [group, versions[0]].filter(part => part !== '').join('/'),
    kind: apiKindOf(kind),
  }
  if (kind === 'Pod') return { ...type, metadata: { name, labels }, spec: template.spec }
  const selector = kind === 'ReplicationController' ? labels : { matchLabels: labels }
  const more = apiKindOf(kind) === 'StatefulSet' ? { serviceName: 'catalog' } : {}
  return { ...type, metadata: { name }, spec: { selector, ...more, template } }
}

const gatewayRoute = (kind: string, name: string): object => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind,
  metadata: { name: 'catalog' },
  spec: { parentRefs: [{ name }], rules: [{ backendRefs: [{ name: 'catalog', port: 80 }] }] },
})

const gateway = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public' },
  spec: { gatewayClassName: 'any', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
}

/** Changes that the guard refuses, each after a world; what it reads before that is what it needs rights for. */
const refused: readonly {
  readonly world: readonly object[]
  readonly change: object
  readonly by: string
}[] = [
  ...([...workloadKinds, 'Pod'] as const).map(kind => ({
    world: [
      service,
      workload('Deployment', 'v1', { app: 'catalog', track: 'stable', version: 'v1' }),
      workload(kind, 'other', { app: 'catalog', track: 'stable' }),
      rule({ track: 'stable' }),
      route({ host: 'catalog', subset: 'v1' }),
    ],
    change: rule({ version: 'v1' }),
    by: `missing-version-label] ${kind} `,
  })),
  {
    world: [
      rule({ version: 'v1' }),
      workload('Deployment', 'v1', { app: 'catalog', version: 'v1' }),
      service,
      route({ host: 'catalog', subset: 'v1' }),
    ],
    change: istio('DestinationRule', 'catalog', { host: 'catalog' }),
    by: 'undefined-subset] VirtualService ',
  },
  {
    world: [istio('DestinationRule', 'spelled', { host: 'catalog.NAMESPACE' })],
    change: service,
    by: 'unexpanded-host] DestinationRule ',
  },
  {
    world: [service],
    change: route({ host: 'catalog' }, { gateways: ['missing'] }),
    by: 'unknown-gateway] VirtualService ',
  },
  {
    world: [
      istio('ServiceEntry', 'outside', {
        hosts: ['outside.example'],
        location: 'MESH_EXTERNAL',
        resolution: 'DNS',
        ports: [{ number: 5432, name: 'tcp-db', protocol: 'TCP' }],
      }),
    ],
    change: istio('VirtualService', 'outside', {
      hosts: ['outside.example'],
      http: [{ route: [{ destination: { host: 'outside.example', port: { number: 5432 } } }] }],
    }),
    by: 'http-route-on-non-http-port] VirtualService ',
  },
  ...['HTTPRoute', 'GRPCRoute'].map(kind => ({
    world: [service, gateway, gatewayRoute(kind, 'public')],
    change: { ...service, spec: { ...service.spec, ports: [{ name: 'http', port: 81 }] } },
    by: `unknown-port] ${kind} `,
  })),
  {
    world: [service],
    change: gatewayRoute('HTTPRoute', 'missing'),
    by: 'unknown-parent] HTTPRoute ',
  },
]

/** Makes a world in a namespace of its own, and the change in it that is to be refused. */
async function refuse(cluster: Cluster, { world, change, by }: (typeof refused)[number]): Promise<void> {
  const namespace = await cluster.namespace()
  await until('the namespace has its service account', async () => {
    const { status } = await cluster.request(`/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    return status === 200
  })
  const textOf = (objects: readonly object[]): string =>
    objects.map(object => JSON.stringify(object).replaceAll('NAMESPACE', namespace)).join('\n---\n')
  await cluster.apply(textOf(world), { namespace })
  const { code, stderr } = await cluster.kubectl(['-n', namespace, 'apply', '-f', '-'], {
    stdin: textOf([change]),
  })
  assert.deepEqual([code, stderr.includes(`[${by}`)], [1, true], `${by}\n${stderr}`)
}

/** Names an object of another namespace, which is said only to who may read it. */
async function nameForeign(cluster: Cluster): Promise<void> {
  const namespace = await cluster.namespace()
  const world = [
    workload('Deployment', 'v1', { app: 'catalog', version: 'v1' }),
    service,
    rule({ version: 'v1' }),
  ]
  await cluster.apply(world.map(object => JSON.stringify(object)).join('\n---\n'), { namespace })
  const host = `catalog.${namespace}.svc.cluster.local`
  const { stderr } = await cluster.kubectl(['-n', 'default', 'apply', '-f', '-'], {
    stdin: JSON.stringify(route({ host, subset: 'v9' }, { hosts: [host] })),
  })
  assert.ok(stderr.includes(`DestinationRule ${namespace}/catalog`), stderr)
}

/** Stops a release half way, so that an Event says what it leaves broken. */
async function leaveBroken(cluster: Cluster): Promise<void> {
  const namespace = await cluster.namespace()
  const tool = flux(cluster, namespace)
  const [, taken] = transitions['a canary is taken back']!
  const half = [...taken.filter(({ kind }) => kind !== 'VirtualService'), canary.at(-1)!]
  assert.deepEqual([await tool.deploy(canary, []), await tool.deploy(half, canary)], [[], []])
  await until('there is an Event', async () => {
    const { items } = (await cluster.expect(`/api/v1/namespaces/${namespace}/events`)) as {
      readonly items: readonly { readonly reason: string }[]
    }
    return items.some(({ reason }) => reason === 'CanaryRoutingBroken')
  })
}

const wordsOf = ({ verb, objectRef }: AuditEvent): string =>
  `${verb} ${objectRef?.apiGroup ?? ''}/${objectRef?.resource ?? ''}`

real(
  'the guard may do nothing that it does not do from its install to its end, and is refused nothing that it asks',
  async (cluster, context) => {
    for (const kind of workloadKinds)
      if (!['apps', ''].includes(resources[kind].group)) await serve(cluster, kind)
    await using release = await Release.prepare(cluster)
    const { namespace } = release
    await cluster.kubectl(['create', 'namespace', namespace])
    const denying = ['unknown-gateway', 'unexpanded-host', 'unknown-parent'].map(
      id => `config.rules.${id}=deny`,
    )
    const values = [
      ...denying,
      'replicas=1',
      'config.settleSeconds=1',
      `networkPolicy.webhookFrom[0].ipBlock.cidr=127.0.0.0/8`,
    ]
    await release.install('helm4', values, { makesNamespace: false })
    await release.refuses()
    const rights = [
      ...(await granted(cluster, 'clusterroles')),
      ...(await granted(cluster, `namespaces/${namespace}/roles`)),
    ]
    for (const each of refused) await refuse(cluster, each)
    await nameForeign(cluster)
    await leaveBroken(cluster)
    await cluster.kubectl(['delete', 'namespace', namespace])
    await release.untilGone()

    const events = await asked(namespace)
    context.diagnostic(`${events.length} requests`)
    const isRefused = ({ responseStatus }: AuditEvent): boolean =>
      [401, 403].includes(responseStatus?.code ?? 0)
    assert.deepEqual(
      events.filter(isRefused).map(event => `${wordsOf(event)}: ${event.responseStatus?.message}`),
      [],
    )
    const used = new Set(
      events.flatMap(event => [wordsOf(event), `${wordsOf(event)} ${event.objectRef?.name ?? ''}`]),
    )
    assert.deepEqual(
      rights.filter(right => !used.has(right)),
      [],
    )
  },
)
