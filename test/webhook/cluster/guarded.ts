/** A guard in front of a test cluster's API server, over the loopback. */
import { pino, type Logger } from 'pino'
import { parse } from 'yaml'
import { connect } from '../../../shared/live/connection/connect.ts'
import type { Connection } from '../../../shared/live/connection/connection.ts'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'
import type { AnyRule } from '../../../shared/rules/rule.ts'
import type { RightsTimes } from '../../../webhook/cache/cluster-cache.ts'
import type { ActiveConfig } from '../../../webhook/config/config-file.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { requesterOf } from '../../../webhook/run/requester.ts'
import {
  startGuard,
  type Guard,
  type GuardParts,
  type TrustedCallers,
} from '../../../webhook/run/start-guard.ts'
import { until, type Cluster } from '../../cluster/cluster.ts'
import { createAuthority } from '../../cluster/credentials.ts'
import { plantedRules } from '../planted-rules.ts'
import { Balancer } from './balancer.ts'

export type LogLine = Readonly<Record<string, unknown>>

export interface Guarded extends AsyncDisposable {
  readonly guard: Guard
  /** What the guard logged, newest last. */
  readonly lines: readonly LogLine[]
  /** The decisions on an object, newest last. */
  decisions(name: string): readonly LogLine[]
}

/** A Service to be called by, instead of a URL, and the address that its EndpointSlice has. */
export interface ServiceEndpoint {
  readonly namespace: string
  readonly name: string
  readonly address: string
}

export interface GuardedOptions {
  readonly service?: ServiceEndpoint
  readonly rules?: readonly AnyRule[]
  readonly config?: Partial<GuardConfig>
  /** The network is trusted by default, as the API server has no certificate for the guard. */
  readonly callers?: TrustedCallers
  /** The configuration by which the API server calls it, at an address; one for everything when left out. */
  readonly configurationFor?: (address: GuardAddress) => Promise<object>
  /** Further guards that the API server asks in turn with this one. */
  readonly otherReplicas?: number
  /** Whose rights it has; the admin's when left out. */
  readonly kubeconfig?: string
  readonly rights?: RightsTimes
  /** What stands between the guard and the API server. */
  readonly through?: (requester: Requester) => Requester
}

/** Starts a guard in this process and has the API server ask it about everything that it judges. */
export async function guarded(cluster: Cluster, options: GuardedOptions = {}): Promise<Guarded> {
  const {
    service,
    otherReplicas = 0,
    kubeconfig = cluster.kubeconfig,
    configurationFor = async address => configurationOf(address),
  } = options
  const lines: LogLine[] = []
  const authority = await createAuthority()
  const keyPair = await authority.server([serverNameOf(service)])
  const connection = await connect({ kubeconfig }, { env: {}, parseYaml: parse })
  const parts = { ...partsOf(options), ...requestsOver(connection, options.through), log: logTo(lines) }
  const replicas = await Promise.all(
    Array.from({ length: otherReplicas + 1 }, () =>
      startGuard({
        ...parts,
        metrics: createMetrics(),
        keyPairs: { start: onKeyPair => onKeyPair(keyPair), close: async () => undefined },
      }),
    ),
  )
  const guard = replicas[0]!
  await Promise.all(replicas.map(({ cache }) => cache.watch.synced))
  const balancer = otherReplicas === 0 ? undefined : await balancerOf(replicas)
  if (service !== undefined) await serve(cluster, service, await guard.port)
  const at = service === undefined ? urlOf(await (balancer?.listen() ?? guard.port)) : referenceTo(service)
  await configureBy(cluster, await configurationFor({ at, authority: authority.certificate }))
  return {
    guard,
    lines,
    decisions: name => lines.filter(line => line['uid'] !== undefined && line['name'] === name),
    [Symbol.asyncDispose]: async () => {
      await unconfigure(cluster)
      await Promise.all(replicas.map(replica => replica.stop()))
      await balancer?.[Symbol.asyncDispose]()
      connection.close()
    },
  }
}

const partsOf = ({
  rules = plantedRules,
  config = {},
  service,
  callers = { isNetworkTrusted: true },
  rights,
}: GuardedOptions) => ({
  host: service?.address ?? '127.0.0.1',
  port: 0,
  probePort: 0,
  drainMs: 0,
  rules,
  rights,
  callers,
  config: standing(config),
})

const serverNameOf = (service: ServiceEndpoint | undefined): string =>
  service === undefined ? '127.0.0.1' : `${service.name}.${service.namespace}.svc`

const urlOf = (port: number) => ({ url: `https://127.0.0.1:${port}/validate` })

const referenceTo = ({ namespace, name }: ServiceEndpoint) => ({
  service: { namespace, name, path: '/validate', port: 443 },
})

const requestsOver = (
  connection: Connection,
  through: (requester: Requester) => Requester = requester => requester,
): Pick<GuardParts, 'requester' | 'post' | 'connection'> => ({
  requester: through(requesterOf(connection)),
  connection,
  post: request => connection.request(request),
})

const standing = (config: Partial<GuardConfig>): ActiveConfig => ({
  current: { ...defaultConfig, ...config },
  isValid: true,
  close: () => undefined,
})

const logTo = (lines: LogLine[]): Logger =>
  pino({ base: null, level: 'debug' }, { write: text => void lines.push(JSON.parse(text) as LogLine) })

/** What a Service with several pods behind it does. */
async function balancerOf(replicas: readonly Guard[]): Promise<Balancer> {
  const balancer = new Balancer()
  for (const { port } of replicas) balancer.add(await port)
  return balancer
}

/** A Service without a selector, and the one address behind it. */
async function serve(
  cluster: Cluster,
  { namespace, name, address }: ServiceEndpoint,
  port: number,
): Promise<void> {
  await cluster.expect(`/api/v1/namespaces/${namespace}/services`, {
    method: 'POST',
    body: { metadata: { name }, spec: { ports: [{ name: 'https', port: 443, targetPort: port }] } },
  })
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  }
  await cluster.expect(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    method: 'POST',
    body: slice,
  })
}

const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** Where a guard is asked, and the certificate of its authority. */
export interface GuardAddress {
  readonly at: object
  readonly authority: string
}

/** Has the API server ask a guard at a URL or behind a Service, and waits until it does. */
export const configure = (cluster: Cluster, address: GuardAddress): Promise<void> =>
  configureBy(cluster, configurationOf(address))

async function configureBy(cluster: Cluster, configuration: object): Promise<void> {
  await cluster.expect(path, { method: 'POST', body: configuration })
  await until('the API server asks the guard', async () => {
    const { status } = await cluster.request(
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All',
      { method: 'POST', body: probe },
    )
    return status === 403
  })
}

function configurationOf({ at, authority }: GuardAddress): object {
  const rule = (apiGroup: string, resources: readonly string[]): object => ({
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    apiGroups: [apiGroup],
    apiVersions: ['v1'],
    resources,
    scope: 'Namespaced',
  })
  const webhook = {
    name: 'routes.canary-guard.test',
    clientConfig: { ...at, caBundle: Buffer.from(authority).toString('base64') },
    rules: [
      rule('networking.istio.io', ['virtualservices', 'destinationrules']),
      rule('gateway.networking.k8s.io', ['httproutes', 'grpcroutes', 'referencegrants']),
      rule('', ['services']),
      rule('apps', ['deployments', 'statefulsets', 'daemonsets', 'deployments/scale', 'statefulsets/scale']),
    ],
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
    },
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
    admissionReviewVersions: ['v1'],
  }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'canary-guard' },
    webhooks: [webhook],
  }
}

/** What every guard denies: weights that do not add up. */
const probe = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'probe', namespace: 'default' },
  spec: {
    hosts: ['x'],
    http: [
      {
        route: [
          { destination: { host: 'a' }, weight: 1 },
          { destination: { host: 'b' }, weight: 1 },
        ],
      },
    ],
  },
}

export async function unconfigure(cluster: Cluster): Promise<void> {
  await cluster.request(`${path}/canary-guard`, { method: 'DELETE' })
}
