/** The chart on a real cluster whose only node is ours: the pods of the Deployment run as processes, behind a balancer in the Service's place. */
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { until, type Cluster, type Outcome } from '../../cluster/cluster.ts'
import { Balancer } from '../../webhook/cluster/balancer.ts'
import { chart, type Helm, type Values } from '../helm.ts'
import { FakeNode } from '../node/node.ts'

interface InstalledWebhook {
  readonly name: string
  readonly failurePolicy: string
  readonly clientConfig: { readonly caBundle?: string }
}

const root = join(chart, '../..')

/** A place for one release of the chart, whoever installs it; and Helm for it. */
export class Release implements AsyncDisposable {
  readonly cluster: Cluster
  readonly name = 'canary-guard'
  readonly namespace: string
  /** The values that the pods need to be reached here. */
  readonly values: Values
  readonly node: FakeNode
  readonly #balancer: Balancer

  private constructor(
    cluster: Cluster,
    parts: {
      readonly namespace: string
      readonly values: Values
      readonly node: FakeNode
      readonly balancer: Balancer
    },
  ) {
    this.cluster = cluster
    this.namespace = parts.namespace
    this.values = parts.values
    this.node = parts.node
    this.#balancer = parts.balancer
  }

  static async prepare(cluster: Cluster): Promise<Release> {
    const balancer = new Balancer()
    const port = await freePort()
    const [probePort, url] = [await freePort(port), `https://127.0.0.1:${await balancer.listen()}/validate`]
    const namespace = `guard-${port}`
    const node = await FakeNode.start(cluster, { namespace, balancer, service: 'canary-guard' })
    return new Release(cluster, {
      namespace,
      values: { webhook: { url, port }, probePort, drainSeconds: 2 },
      node,
      balancer,
    })
  }

  /** `helm install`, which waits until the pods are ready. */
  async install(which: Helm, sets: readonly string[] = [], { makesNamespace = true } = {}): Promise<string> {
    const values = [
      '--set-json',
      `webhook=${JSON.stringify(this.values['webhook'])}`,
      '--set',
      [`probePort=${String(this.values['probePort'])},drainSeconds=2`, ...sets].join(),
    ]
    const { stdout } = await this.helm(which, [
      'install',
      this.name,
      chart,
      ...(makesNamespace ? ['--create-namespace'] : []),
      ...values,
      '--wait',
      '--timeout=1m',
    ])
    return stdout
  }

  /** `helm template` into a folder, without hooks and tests. Returns its files in the order in which kubectl takes them. */
  async render(folder: string, failurePolicy: 'Ignore' | 'Fail'): Promise<readonly string[]> {
    const values = { ...this.values, webhook: { ...(this.values['webhook'] as object), failurePolicy } }
    await this.helm('helm4', [
      'template',
      this.name,
      chart,
      '--no-hooks',
      '--skip-tests',
      '--output-dir',
      folder,
      '--set-json',
      JSON.stringify(values),
    ])
    const files = await readdir(folder, { recursive: true })
    return files
      .filter(file => file.endsWith('.yaml'))
      .sort()
      .map(file => join(folder, file))
  }

  /** Runs Helm in the release's namespace, from the root of the project; throws what it says, and the pods, if it fails. */
  async helm(which: Helm, args: readonly string[]): Promise<Outcome> {
    const outcome = await this.cluster.run(which, ['--namespace', this.namespace, ...args], { cwd: root })
    if (outcome.code !== 0)
      throw new Error(
        `helm ${args.join(' ')}\n${outcome.stdout}\n${outcome.stderr}\n${this.node.log().slice(-4000)}`,
      )
    return outcome
  }

  /** Waits until what is wrong is refused. */
  async refuses(): Promise<void> {
    try {
      await until('the guard refuses what is wrong', async () => (await this.write(110)).status === 403)
    } catch (error) {
      throw new Error(`${String(error)}; it says:\n${this.node.log().slice(-4000)}`, { cause: error })
    }
  }

  /** Dry-runs a VirtualService with two destinations whose weights have that sum. */
  write(sum: number) {
    const body = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'probe' },
      spec: {
        hosts: ['probe'],
        http: [
          {
            route: [
              { destination: { host: 'a' }, weight: sum - 10 },
              { destination: { host: 'b' }, weight: 10 },
            ],
          },
        ],
      },
    }
    return this.cluster.request(
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All',
      { method: 'POST', body },
    )
  }

  /** The configuration's entries as the API server has them; undefined where there is no configuration. */
  async webhooks(): Promise<readonly InstalledWebhook[] | undefined> {
    const { status, body } = await this.cluster.request(
      `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${this.name}`,
    )
    return status === 404
      ? undefined
      : ((body as { readonly webhooks?: readonly InstalledWebhook[] }).webhooks ?? [])
  }

  /** Whatever a namespace holds goes with it; what is left carries the release's label. */
  async untilGone(): Promise<void> {
    await until(`nothing is left of ${this.name}`, async () => (await this.left()).length === 0)
  }

  /** What carries the release's label, in all namespaces. */
  async left(): Promise<readonly string[]> {
    const { stdout } = await this.cluster.kubectl([
      'get',
      kinds,
      '-A',
      '-l',
      `app.kubernetes.io/instance=${this.name}`,
      '-o',
      'name',
    ])
    return stdout.split('\n').filter(line => line !== '')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.kubectl([
      'delete',
      'validatingwebhookconfiguration,clusterrole,clusterrolebinding',
      this.name,
      '--ignore-not-found',
    ])
    await this.cluster.kubectl(['delete', 'clusterrole', `${this.name}-history`, '--ignore-not-found'])
    await this.cluster.kubectl(['delete', 'namespace', this.namespace, '--ignore-not-found', '--wait=false'])
    await this.node[Symbol.asyncDispose]()
    await this.#balancer[Symbol.asyncDispose]()
  }
}

const kinds =
  'all,secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,poddisruptionbudgets,networkpolicies,validatingwebhookconfigurations'

/** A port that nobody listens on, and another one than a port that is taken next. */
async function freePort(taken?: number): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  // The system may give a port again that was closed just now.
  return port === taken ? freePort(taken) : port
}
