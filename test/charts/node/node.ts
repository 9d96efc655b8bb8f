/** A node for one namespace of a cluster that has none: runs its pods as processes and reports their state, as a kubelet does. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Balancer } from '../../webhook/cluster/balancer.ts'
import { Container } from './container.ts'
import type { PodSpec } from './mounts.ts'

interface NodePod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: PodSpec
}
export interface NodeOptions {
  readonly namespace: string
  /** What stands for the Service `service`: it leads to the pods that are ready, as long as there is that Service. */
  readonly balancer: Balancer
  readonly service: string
}

/** How often the node looks around. */
const everyMs = 100
/** A pod that is ready is looked at once a second, as a kubelet does at most: its probes and its mounts are requests. */
const readyEvery = 10
/**
 * How late connections stop going to a pod that is on its way out, or to a Service that has been deleted: kube-proxy
 * writes its rules at most once a second (its minSyncPeriod).
 */
const lagMs = 1000
const nodeName = 'node'
let addresses = 0

export class FakeNode implements AsyncDisposable {
  readonly #cluster: Cluster
  readonly #options: NodeOptions
  readonly #folder: string
  readonly #containers = new Map<string, Container>()
  readonly #lives = new Set<Promise<void>>()
  readonly #endpoints = new Set<Container>()
  readonly #stopped = new Set<Container>()
  readonly #looking: Promise<void>
  #pods: ReadonlyMap<string, NodePod> = new Map()
  #isServed = false
  #goneSince: number | undefined
  #isStopping = false

  private constructor(cluster: Cluster, options: NodeOptions, folder: string) {
    this.#cluster = cluster
    this.#options = options
    this.#folder = folder
    this.#looking = this.#lookAround()
  }

  static async start(cluster: Cluster, options: NodeOptions): Promise<FakeNode> {
    await cluster.request('/api/v1/nodes', { method: 'POST', body: { metadata: { name: nodeName } } })
    return new FakeNode(cluster, options, await mkdtemp(join(tmpdir(), 'canary-node-')))
  }

  /** The containers of the pods that there are. */
  get running(): readonly Container[] {
    return [...this.#pods.keys()].flatMap(pod => this.#containers.get(pod) ?? [])
  }

  /** What all containers have printed, or that of one pod; of those that have gone as well. */
  log(pod?: string): string {
    return [...this.#containers]
      .filter(([name]) => pod === undefined || name === pod)
      .map(([, { log }]) => log)
      .join('')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    await Promise.all([...this.#containers.values()].map(container => container.stop('SIGKILL')))
    await Promise.all([this.#looking, ...this.#lives])
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #lookAround(): Promise<void> {
    for (let i = 0; !this.#isStopping; i++) {
      // The controllers would call a node without a heartbeat lost, and its pods not ready.
      if (i % 50 === 0)
        await this.#patch(`/api/v1/nodes/${nodeName}/status`, {
          conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }],
        })
      const { items } = (await this.#cluster.expect(
        `/api/v1/namespaces/${this.#options.namespace}/pods`,
      )) as { readonly items: readonly NodePod[] }
      this.#pods = new Map(items.map(pod => [pod.metadata.name, pod]))
      for (const [name, pod] of this.#pods)
        if (!this.#containers.has(name) && !isDying(pod)) this.#begin(name, pod)
      const { status } = await this.#cluster.request(
        `/api/v1/namespaces/${this.#options.namespace}/services/${this.#options.service}`,
      )
      this.#serve(status === 200)
      await sleep(everyMs)
    }
  }

  /** Takes up a new Service at once, and leaves one that is gone `lagMs` later. */
  #serve(exists: boolean): void {
    this.#goneSince = exists ? undefined : (this.#goneSince ?? Date.now())
    const isServed = this.#goneSince === undefined || (this.#isServed && Date.now() - this.#goneSince < lagMs)
    if (this.#isServed === isServed) return
    this.#isServed = isServed
    for (const container of this.#endpoints) this.#lead(container)
  }

  #begin(name: string, { spec }: NodePod): void {
    const { namespace } = this.#options
    const id = ++addresses
    const address = `127.${1 + (process.pid % 250)}.${Math.floor(process.pid / 250) % 250}.${1 + (id % 250)}`
    const container = new Container(this.#cluster, {
      namespace,
      spec,
      address,
      folder: join(this.#folder, name),
    })
    this.#containers.set(name, container)
    this.#lives.add(this.#live(name, container))
  }

  /** A pod's life: bound, mounted, run, watched until it ends, and taken out of the cluster if somebody has deleted it. */
  async #live(name: string, container: Container): Promise<void> {
    const path = `/api/v1/namespaces/${this.#options.namespace}/pods/${name}`
    await this.#cluster.request(`${path}/binding`, {
      method: 'POST',
      body: { metadata: { name }, target: { kind: 'Node', name: nodeName } },
    })
    await this.#runUntilOver(name, container, path)
    this.#remove(container)
    const isOver = container.code !== null && !isDying(this.#pods.get(name))
    if (isOver) await this.#reportEnd(container, path)
    else await this.#cluster.request(`${path}?gracePeriodSeconds=0`, { method: 'DELETE' })
  }

  async #runUntilOver(name: string, container: Container, path: string): Promise<void> {
    let isReady: boolean | undefined
    let isStarted = false
    for (let i = 0; !this.#isStopping && container.code === null; i++) {
      const pod = this.#pods.get(name)
      const isGoing = pod === undefined || isDying(pod)
      if (isGoing && !isStarted) break
      if (isGoing) this.#stop(container)
      if (isReady !== true || i % readyEvery === 0) {
        if (!isGoing) isStarted = await this.#refreshed(container, isStarted)
        const ready = isStarted && (await passesProbes(container))
        if (ready !== isReady) await this.#report(path, container, (isReady = ready))
      }
      await sleep(everyMs)
    }
  }

  /** Fills the mounts, and starts the container once there is all that is mounted; whether it has started. */
  async #refreshed(container: Container, isStarted: boolean): Promise<boolean> {
    const isMounted = await container.mounts.refresh()
    if (isMounted && !isStarted) await container.start()
    return isMounted || isStarted
  }

  /** One that serves would be started again; here it stays down, for its log to tell why. */
  async #reportEnd(container: Container, path: string): Promise<void> {
    if (container.serves) await this.#report(path, container, false)
    else
      await this.#patch(`${path}/status`, {
        phase: container.code === 0 ? 'Succeeded' : 'Failed',
        conditions: [{ type: 'Ready', status: 'False' }],
      })
  }

  async #report(path: string, container: Container, isReady: boolean): Promise<void> {
    await this.#patch(`${path}/status`, {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    })
    if (!isReady || !container.serves) return
    this.#endpoints.add(container)
    if (this.#isServed) this.#lead(container)
  }

  /** Once: a second signal would end the container at once. */
  #stop(container: Container): void {
    if (this.#stopped.has(container)) return
    this.#stopped.add(container)
    void container.stop()
    setTimeout(() => this.#remove(container), lagMs)
  }

  #remove(container: Container): void {
    if (!this.#endpoints.delete(container)) return
    this.#options.balancer.remove(container.portOf('https'), container.address)
  }

  /** Has the Service lead to a container, or no longer where there is no Service any more. */
  #lead(container: Container): void {
    const { balancer } = this.#options
    if (this.#isServed) balancer.add(container.portOf('https'), container.address)
    else balancer.remove(container.portOf('https'), container.address)
  }

  async #patch(path: string, status: object): Promise<void> {
    await this.#cluster.request(path, {
      method: 'PATCH',
      contentType: 'application/strategic-merge-patch+json',
      body: { status },
    })
  }
}

const isDying = (pod: NodePod | undefined): boolean => pod?.metadata.deletionTimestamp !== undefined

const passesProbes = async (container: Container): Promise<boolean> =>
  (await container.passes('livenessProbe')) && (await container.passes('readinessProbe'))
