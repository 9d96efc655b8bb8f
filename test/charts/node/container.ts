/** A pod's container as a process: with the arguments, environment, mounts and probes of its spec, and an address of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'undici'
import type { Cluster } from '../../cluster/cluster.ts'
import { guardProgram } from '../../build/built-programs.ts'
import { codeCache } from '../../webhook/cluster/guard-process.ts'
import { Mounts, type PodSpec, type Probe } from './mounts.ts'

/** The pod, and where it runs: an address of the loopback, and a folder for its mounts. */
export interface PodPlacement {
  readonly namespace: string
  readonly spec: PodSpec
  readonly address: string
  readonly folder: string
}

export class Container {
  readonly address: string
  readonly mounts: Mounts
  readonly #cluster: Cluster
  readonly #placement: PodPlacement
  readonly #log: string[] = []
  #process: ChildProcess | undefined

  constructor(cluster: Cluster, placement: PodPlacement) {
    this.#cluster = cluster
    this.#placement = placement
    this.address = placement.address
    this.mounts = new Mounts(cluster, placement)
  }

  get log(): string {
    return this.#log.join('')
  }

  /** The exit code, once it has ended. */
  get code(): number | null {
    return this.#process?.exitCode ?? (this.#process?.signalCode ? -1 : null)
  }

  /** Whether it is one that a Service leads to. */
  get serves(): boolean {
    return this.#placement.spec.containers[0].readinessProbe !== undefined
  }

  async start(): Promise<void> {
    const {
      containers: [{ args, env = [] }],
    } = this.#placement.spec
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value]))
    // What a network of its own would do: the same ports as every other pod, at an address that is only its own.
    const own = { KUBECONFIG: await this.#kubeconfig(), CANARY_GUARD_HOST: this.address, ...codeCache }
    const child = spawn(process.execPath, [guardProgram, ...args.map(arg => this.mounts.inPlace(arg))], {
      env: { ...(await this.#serviceLinks()), ...given, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const output of [child.stdout, child.stderr])
      output.on('data', chunk => this.#log.push(String(chunk)))
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    this.#process = child
  }

  /** Whether it runs and a probe of its spec succeeds. */
  async passes(kind: 'livenessProbe' | 'readinessProbe'): Promise<boolean> {
    const probe = this.#placement.spec.containers[0][kind]
    if (this.#process === undefined || this.code !== null) return false
    return (
      probe === undefined
      || this.#get(probe).then(
        status => status === 200,
        () => false,
      )
    )
  }

  /** The port that the spec has under a name. */
  portOf(name: string | number): number {
    const port =
      typeof name === 'number'
        ? name
        : this.#placement.spec.containers[0].ports?.find(other => other.name === name)?.containerPort
    if (port === undefined) throw new Error(`the container has no port ${name}`)
    return port
  }

  /** Tells it to stop and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#process === undefined || this.code !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill(signal)
    await ended
  }

  async #get({ httpGet: { path, port } }: Probe): Promise<number> {
    const { statusCode, body } = await request(`http://${this.address}:${this.portOf(port)}${path}`)
    await body.dump()
    return statusCode
  }

  async #kubeconfig(): Promise<string> {
    const {
      namespace,
      spec: { serviceAccountName: name },
    } = this.#placement
    const {
      status: { token },
    } = (await this.#cluster.expect(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
      method: 'POST',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    })) as { readonly status: { readonly token: string } }
    return this.#cluster.kubeconfigFor({ name }, { token })
  }

  /** The variables that a kubelet adds for each Service, unless it is told not to. */
  async #serviceLinks(): Promise<Readonly<Record<string, string>>> {
    const {
      namespace,
      spec: { enableServiceLinks = true },
    } = this.#placement
    if (!enableServiceLinks) return {}
    const { items } = (await this.#cluster.expect(`/api/v1/namespaces/${namespace}/services`)) as {
      readonly items: readonly { readonly metadata: { readonly name: string } }[]
    }
    return Object.fromEntries(
      items.map(({ metadata: { name } }) => [
        `${name.toUpperCase().replaceAll('-', '_')}_PORT`,
        'tcp://10.0.0.1:443',
      ]),
    )
  }
}
