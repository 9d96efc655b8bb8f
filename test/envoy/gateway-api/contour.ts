/**
 * Contour on a real API server, and an Envoy that gets its routes from it. What Envoy reaches are listeners of its own that
 * answer who they are: Contour's endpoints would need addresses that a machine may not have.
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureAssets } from '../../cluster/assets.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { freePort, loopback } from '../../cluster/control-plane.ts'
import { Processes } from '../../cluster/processes.ts'
import { ensureEnvoy } from '../assets.ts'
import { Connection, type RawRequest, type RawResponse } from '../connection.ts'
import { clusterAt, echoAt, listenerAt } from '../bootstrap.ts'
import { quietFlags } from '../envoy.ts'

/** The Gateway that Contour serves. */
export const gatewayName = { namespace: 'infra', name: 'gw' }

const markerHost = 'version.kubectl-canary.test'

/** Contour and its Envoy; they end with {@link stop}, or with this process. */
export class Contour {
  readonly #cluster: Cluster
  readonly #processes: Processes
  readonly #connection: Connection
  #version = 0

  private constructor(cluster: Cluster, processes: Processes) {
    this.#cluster = cluster
    this.#processes = processes
    this.#connection = new Connection(this.socket)
  }

  /** Starts both; `services` are those that routes may lead to, `namespace/name`, on port 80. */
  static async start(cluster: Cluster, services: readonly string[]): Promise<Contour> {
    const { contour } = await ensureAssets(['contour'])
    const program = await ensureEnvoy()
    const processes = await Processes.create()
    const started = new Contour(cluster, processes)
    try {
      const port = await startContour(cluster, processes, contour)
      await writeFile(
        join(processes.folder, 'envoy.json'),
        JSON.stringify(bootstrap(processes.folder, { port, services })),
      )
      await started.#mark()
      await processes.start('envoy', program, ['--config-path', 'envoy.json', ...quietFlags])
      await started.#hasVersion()
      return started
    } catch (error) {
      await started.stop()
      throw error
    }
  }

  /** The socket of the Gateway's listener. */
  get socket(): string {
    return join(this.#processes.folder, 'gateway.sock')
  }

  /** Returns when Envoy has every HTTPRoute that the API server has now. */
  async settled(): Promise<void> {
    await this.#mark()
    await this.#hasVersion()
  }

  /** Sends one request; one at a time. */
  send(request: RawRequest): Promise<RawResponse> {
    return this.#connection.send(request)
  }

  async stop(): Promise<void> {
    this.#connection.close()
    await this.#processes.stop()
  }

  /** A route of its own tells by its redirect which version of the routes Envoy has: Contour reads them in their order. */
  async #mark(): Promise<void> {
    const { namespace, name } = gatewayName
    this.#version += 1
    const requestRedirect = { hostname: `v${this.#version}.test`, statusCode: 302 }
    const body = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { namespace, name: 'marker' },
      spec: {
        parentRefs: [{ name }],
        hostnames: [markerHost],
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect }] }],
      },
    }
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`
    // Contour writes its status meanwhile, so that the route is not replaced as a whole.
    await (this.#version === 1
      ? this.#cluster.expect(path, { method: 'POST', body })
      : this.#cluster.expect(`${path}/marker`, {
          method: 'PATCH',
          body,
          contentType: 'application/merge-patch+json',
        }))
  }

  async #hasVersion(): Promise<void> {
    const request = { method: 'GET', target: '/', headers: [['host', markerHost]] } as const
    const expected = `http://v${this.#version}.test/`
    for (let attempt = 0; attempt < 3000; attempt += 1) {
      const answer = await this.send(request).catch(() => undefined)
      if (answer?.headers['location'] === expected) return
      await this.#processes.check()
      await sleep(10)
    }
    throw new Error('Envoy did not get the routes of Contour')
  }
}

/** Starts Contour for one Gateway and returns the port at which proxies ask it. */
async function startContour(cluster: Cluster, processes: Processes, program: string): Promise<number> {
  const { namespace, name } = gatewayName
  const config = `gateway: { gatewayRef: { namespace: ${namespace}, name: ${name} } }\n`
  await writeFile(join(processes.folder, 'contour.yaml'), config)
  const [xds, health, metrics, debug] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  const addresses = ['xds', 'health', 'http', 'debug-http'].flatMap((of, i) => [
    `--${of}-address=${loopback}`,
    `--${of}-port=${[xds, health, metrics, debug][i]}`,
  ])
  const unused = ['tlsroutes', 'tcproutes', 'backendtlspolicies', 'extensionservices']
  await processes.start('contour', program, [
    'serve',
    '--insecure',
    '--disable-leader-election',
    `--kubeconfig=${cluster.kubeconfig}`,
    '--config-path=contour.yaml',
    ...addresses,
    ...unused.map(feature => `--disable-feature=${feature}`),
  ])
  return xds
}

/**
 * The names of a Service's clusters (`Clustername` in internal/envoy/cluster.go of Contour): that of HTTPRoutes, and that of
 * GRPCRoutes.
 */
const clusterNamesOf = (service: string): readonly string[] =>
  ['', 'h2c'].map(
    settings => `${service}/80/${createHash('sha1').update(settings).digest('hex').slice(0, 10)}`,
  )

interface Serving {
  readonly port: number
  readonly services: readonly string[]
}

function bootstrap(folder: string, { port, services }: Serving): object {
  const socketOf = (service: string) => join(folder, `${service.replace('/', '.')}.sock`)
  const source = {
    resource_api_version: 'V3',
    api_config_source: {
      api_type: 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'contour' } }],
    },
  }
  const http2 = { '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions' }
  const address = { socket_address: { address: loopback, port_value: port } }
  return {
    node: { id: 'test', cluster: 'test' },
    static_resources: {
      listeners: [
        listenerAt(join(folder, 'gateway.sock'), 'gateway', {
          normalize_path: true,
          use_remote_address: true,
          rds: { route_config_name: 'http-80', config_source: source },
        }),
        ...services.map(service => echoAt(socketOf(service), service)),
      ],
      clusters: [
        {
          name: 'contour',
          type: 'STATIC',
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              ...http2,
              explicit_http_config: { http2_protocol_options: {} },
            },
          },
          load_assignment: {
            cluster_name: 'contour',
            endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
          },
        },
        ...services.flatMap(service =>
          clusterNamesOf(service).map(name => clusterAt(name, socketOf(service))),
        ),
      ],
    },
  }
}
