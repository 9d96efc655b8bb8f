/** The chart on a real cluster that runs no pods: the guard's container runs here, with the Deployment's own arguments and files. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until, type Cluster, type Outcome } from '../cluster/cluster.ts'
import { chart, type Helm } from './helm.ts'

const main = join(import.meta.dirname, '../../webhook/main.ts')
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

interface Pod {
  readonly serviceAccountName: string
  readonly containers: readonly { readonly args: readonly string[], readonly env?: readonly { readonly name: string, readonly value: string }[] }[]
}

/** A release of the chart. */
export class Release implements AsyncDisposable {
  readonly cluster: Cluster
  readonly name = 'canary-guard'
  readonly namespace: string
  readonly #helm: Helm
  readonly #folder: string
  readonly #log: string[] = []
  readonly #running = new Set<ChildProcess>()

  private constructor(cluster: Cluster, helm: Helm, { namespace, folder }: { readonly namespace: string, readonly folder: string }) {
    this.cluster = cluster
    this.namespace = namespace
    this.#helm = helm
    this.#folder = folder
  }

  /** `helm install` into a new namespace, without waiting for pods. Returns the release and what Helm said. */
  static async install(cluster: Cluster, helm: Helm, sets: readonly string[] = []): Promise<{ readonly release: Release, readonly output: string }> {
    const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'canary-release-'))]
    const release = new Release(cluster, helm, { namespace: `guard-${port}`, folder })
    const url = `https://127.0.0.1:${port}/validate`
    const { stdout } = await release.helm(['install', release.name, chart, '--create-namespace', '--set', [`webhook.url=${url}`, `webhook.port=${port}`, 'drainSeconds=0', ...sets].join()])
    return { release, output: stdout }
  }

  /** Runs Helm in the release's namespace; throws what it says if it fails. */
  async helm(args: readonly string[]): Promise<Outcome> {
    const outcome = await this.cluster.run(this.#helm, ['--namespace', this.namespace, ...args], { cwd: join(chart, '../..') })
    if (outcome.code !== 0) throw new Error(`helm ${args.join(' ')}\n${outcome.stdout}\n${outcome.stderr}`)
    return outcome
  }

  /** Runs the guard's container as the Deployment says, and waits until it refuses what is wrong. */
  async startGuard(): Promise<ChildProcess> {
    const { spec: { template: { spec } } } = await this.#get('apis/apps/v1', 'deployments', this.name) as { readonly spec: { readonly template: { readonly spec: Pod } } }
    const { data } = await this.#get('api/v1', 'configmaps', this.name) as { readonly data: Readonly<Record<string, string>> }
    await mkdir(join(this.#folder, 'config'), { recursive: true })
    await Promise.all(Object.entries(data).map(([name, text]) => writeFile(join(this.#folder, 'config', name), text)))
    const guard = await this.#run(spec, ['--probe-port=0'])
    try {
      await until('the guard refuses what is wrong', async () => {
        if (guard.exitCode !== null) throw new Error('the guard has ended')
        return (await this.write('probe', 110, { dryRun: true })).status === 403
      })
    } catch (error) {
      throw new Error(`${String(error)}; it says:\n${this.#log.slice(-20).join('')}`, { cause: error })
    }
    return guard
  }

  async stopGuard(guard: ChildProcess): Promise<number | null> {
    this.#running.delete(guard)
    const exited = once(guard, 'exit')
    guard.kill('SIGTERM')
    await exited
    return guard.exitCode
  }

  /** `helm test`, with the pod's container as a process and its end reported as a kubelet would. Returns what the container printed. */
  async test(): Promise<string> {
    const ended = this.helm(['test', this.name])
    ended.catch(() => {})
    const name = `${this.name}-test`
    let pod: { readonly spec: Pod } | undefined
    await until('the test\'s pod is there', async () => {
      const { status, body } = await this.cluster.request(`/api/v1/namespaces/${this.namespace}/pods/${name}`)
      pod = status === 200 ? body as { readonly spec: Pod } : undefined
      return pod !== undefined
    })
    const container = await this.#run(pod!.spec, [])
    let printed = ''
    container.stdout!.on('data', chunk => printed += String(chunk))
    container.stderr!.on('data', chunk => printed += String(chunk))
    const [code] = await once(container, 'close') as [number]
    await this.cluster.expect(`/api/v1/namespaces/${this.namespace}/pods/${name}/status`, {
      method: 'PATCH', contentType: 'application/merge-patch+json', body: { status: { phase: code === 0 ? 'Succeeded' : 'Failed' } },
    })
    await ended
    return printed
  }

  /** Writes a VirtualService with two destinations whose weights have that sum. */
  write(name: string, sum: number, { dryRun = false, namespace = 'default' } = {}) {
    const body = {
      apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name },
      spec: { hosts: [name], http: [{ route: [{ destination: { host: 'a' }, weight: sum - 10 }, { destination: { host: 'b' }, weight: 10 }] }] },
    }
    return this.cluster.request(`/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices${dryRun ? '?dryRun=All' : ''}`, { method: 'POST', body })
  }

  /** The configuration's entries as the API server has them; undefined where there is no configuration. */
  async webhooks() {
    const { status, body } = await this.cluster.request(`/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${this.name}`)
    return status === 404 ? undefined
      : (body as { readonly webhooks?: readonly { readonly name: string, readonly failurePolicy: string, readonly clientConfig: { readonly caBundle?: string } }[] }).webhooks ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await this.cluster.run(this.#helm, ['--namespace', this.namespace, 'uninstall', this.name, '--ignore-not-found'])
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #run({ serviceAccountName, containers: [container] }: Pod, more: readonly string[]): Promise<ChildProcess> {
    const { status: { token } } = await this.cluster.expect(`/api/v1/namespaces/${this.namespace}/serviceaccounts/${serviceAccountName}/token`, {
      method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    }) as { readonly status: { readonly token: string } }
    const kubeconfig = await this.cluster.kubeconfigFor({ name: serviceAccountName }, { token })
    const args = container!.args.map(arg => arg.replace('/etc/canary-guard', this.#folder))
    const env = Object.fromEntries((container!.env ?? []).map(({ name, value }) => [name, value]))
    const child = spawn(process.execPath, [main, ...args, ...more], { env: { ...env, KUBECONFIG: kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const output of [child.stdout, child.stderr]) output.on('data', chunk => this.#log.push(String(chunk)))
    this.#running.add(child)
    process.once('exit', () => child.kill('SIGKILL'))
    child.once('exit', () => this.#running.delete(child))
    return child
  }

  #get(api: string, plural: string, name: string): Promise<unknown> {
    return this.cluster.expect(`/${api}/namespaces/${this.namespace}/${plural}/${name}`)
  }
}

const kinds = 'all,secrets,configmaps,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,poddisruptionbudgets,networkpolicies,validatingwebhookconfigurations'

/** Waits until nothing carries a release's label any more, in no namespace. */
export async function untilGone(cluster: Cluster, release: string): Promise<void> {
  await until(`nothing is left of ${release}`, async () => {
    const { stdout } = await cluster.kubectl(['get', kinds, '-A', '-l', `app.kubernetes.io/instance=${release}`, '-o', 'name'])
    return stdout.trim() === ''
  })
}

/** Writes until stopped and returns how many writes there were, and what went wrong. */
export function keepWriting(release: Release): { stop(): Promise<{ readonly writes: number, readonly failures: readonly unknown[] }> } {
  let isWriting = true
  let writes = 0
  const failures: unknown[] = []
  const run = async (): Promise<void> => {
    while (isWriting) {
      const { status, body } = await release.write('written', 100, { dryRun: true })
      writes++
      if (status >= 300) failures.push(body)
      await pause(2)
    }
  }
  const running = run()
  return {
    stop: async () => {
      isWriting = false
      await running
      return { writes, failures }
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
