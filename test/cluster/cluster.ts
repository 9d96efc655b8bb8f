/**
 * A real API server for the tests: etcd and kube-apiserver on the loopback, in a temporary folder of their own, gone when the
 * test is, whatever happens. No kubelet and no scheduler: pods are written but never run.
 *
 *     await using cluster = await startCluster({ controllerManager: true })
 *     const namespace = await cluster.namespace()
 *     await cluster.apply(yaml, { namespace })
 *
 * Tests usually take theirs from cluster-test.ts, which also skips where there is none to be had.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { Answer, Ask, Asked } from './apply/asked.ts'
import { appliedObjects, created, isCreated, nameOf, type AppliedObject } from './apply/created.ts'
import { saidOfCreated, warningsIn } from './apply/said.ts'
import { namesIn, servedBy, servedKinds, type ServedKind, type ServedKinds } from './apply/served.ts'
import { ensureAssets } from './assets.ts'
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  etcdSocket,
  loopback,
  prepareControlPlane,
  type ClusterOptions,
  type ControlPlane,
} from './control-plane.ts'
import { readCrds, type Crd, type CrdSet } from './crds.ts'
import type { User } from './credentials.ts'
import { Etcd, type Stored } from './store/etcd.ts'
import type { KeyPair } from '../../webhook/certificate/key-pair.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { endNow } from './processes.ts'
import { KeptKubectl } from './programs/kept-kubectl.ts'
import { runProgram, type Outcome, type RunOptions } from './programs/run.ts'
import { prepare, prepared, preparedFile } from './store/prepared.ts'
import { tools, type ToolName } from './tools/tools.ts'

export type { Outcome, RunOptions } from './programs/run.ts'

/** How long the API server's admission and authorization take to hear of what is stored. */
const informedMs = 200

/** Starts a cluster and waits until it is ready and its custom kinds are served; throws AssetsMissing where it cannot be had. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  await ensureAssets([
    'etcd',
    'kube-apiserver',
    'kubectl',
    ...(options.controllerManager ? ['kube-controller-manager' as const] : []),
  ])
  const cluster = new Cluster(await prepareControlPlane(options))
  try {
    await cluster.start()
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

/** A cluster; {@link startCluster} makes them. */
export class Cluster implements AsyncDisposable {
  readonly url: string
  /** The authority of the serving certificate, as a kubeconfig has it: base64 of PEM. */
  readonly caData: string
  /** The path of the admin's kubeconfig, with a token: the API server verifies a client certificate anew with each request, an eighth of its CPU time. */
  readonly kubeconfig: string
  /** The static tokens by user name; always one for `admin`. */
  readonly tokens: ReadonlyMap<string, string>
  /** The cluster's temporary folder, with a `<program>.log` for each program. */
  readonly folder: string
  readonly #plane: ControlPlane
  readonly #agent: Agent
  readonly #etcd: Etcd
  readonly #kubectl: KeptKubectl
  readonly #asking: Ask = (path, asked) => this.#patiently(path, asked)
  #kinds: ServedKinds = new Map()
  #apiServer: ChildProcess | undefined
  #users = 0

  constructor(plane: ControlPlane) {
    const { processes, authority, tokens, port } = plane
    this.#plane = plane
    this.url = `https://${loopback}:${port}`
    this.caData = Buffer.from(authority.certificate).toString('base64')
    this.folder = processes.folder
    this.kubeconfig = join(this.folder, 'admin.kubeconfig')
    this.tokens = tokens
    this.#etcd = new Etcd(join(this.folder, etcdSocket))
    this.#kubectl = new KeptKubectl(this)
    this.#agent = new Agent({
      connections: 8,
      connect: { ca: authority.certificate },
    })
  }

  /** The ids of the cluster's processes. */
  get processIds(): readonly number[] {
    return this.#plane.processes.ids
  }

  /** Called once, by {@link startCluster}. */
  async start(): Promise<void> {
    const { processes, options } = this.#plane
    const token = this.tokens.get('admin')!
    await writeFile(this.kubeconfig, kubeconfigText(this, { token }), { mode: 0o600 })
    await processes.start('etcd', (await ensureAssets(['etcd'])).etcd, etcdFlags)
    await until('etcd listens', async () => {
      await processes.check()
      return existsSync(join(this.folder, etcdSocket))
    })
    await this.#startWithKinds(options)
    if (options.controllerManager) {
      await processes.start(
        'kube-controller-manager',
        (await ensureAssets(['kube-controller-manager']))['kube-controller-manager'],
        controllerManagerFlags(this.#plane),
      )
    }
  }

  async #startWithKinds(options: ClusterOptions): Promise<void> {
    const { crds = ['istio'] } = options
    const file = await preparedFile(options)
    const stored = file === undefined ? undefined : await prepared(file)
    if (stored !== undefined) await this.#etcd.restore(stored)
    await this.startApiServer()
    if (stored === undefined) await Promise.all(crds.map(set => this.addCrds(set)))
    const wanted = await namesIn(crds)
    await until('its custom kinds are served', async () => wanted.isSubsetOf(await servedBy(this)))
    if (file !== undefined && stored === undefined) await prepare(file, await this.stored())
  }

  /** Starts the API server on its port and waits until it is ready. */
  async startApiServer(): Promise<void> {
    const { processes } = this.#plane
    const program = (await ensureAssets(['kube-apiserver']))['kube-apiserver']
    this.#apiServer = await processes.start('kube-apiserver', program, apiServerFlags(this.#plane))
    await until('the API server is ready', async () => {
      await processes.check()
      return this.request('/readyz').then(
        ({ status }) => status === 200,
        () => false,
      )
    })
  }

  /** Ends the API server at once, as a crash would; etcd keeps the objects. */
  async killApiServer(): Promise<void> {
    if (this.#apiServer) await endNow(this.#apiServer)
  }

  async restartApiServer(): Promise<void> {
    await this.killApiServer()
    await this.startApiServer()
  }

  /** Stops the API server from answering while its connections stay open, until it gets `SIGCONT`. */
  signalApiServer(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#apiServer?.kill(signal)
  }

  /** The path of a new kubeconfig for a user, who has no rights until RBAC grants some; a client certificate, or the token that is given. */
  async kubeconfigFor(
    user: User,
    options: { readonly token?: string; readonly expired?: boolean; readonly namespace?: string } = {},
  ): Promise<string> {
    const { token, expired = false, namespace } = options
    const credentials = token ? { token } : await this.#plane.authority.client(user, { expired })
    const path = join(this.folder, `user-${this.#users++}.kubeconfig`)
    await writeFile(path, kubeconfigText(this, credentials, namespace), { mode: 0o600 })
    return path
  }

  /** A client certificate that the API server accepts as the user, unless it has expired. */
  clientCertificate(user: User, options: { readonly expired?: boolean } = {}): Promise<KeyPair> {
    return this.#plane.authority.client(user, options)
  }

  /** Creates a namespace with a unique name and returns that. */
  async namespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'test-', labels } }
    const made = (await this.expect('/api/v1/namespaces', { method: 'POST', body })) as {
      readonly metadata: { readonly name: string }
    }
    return made.metadata.name
  }

  /** Adds a set of custom kinds and waits until they are served. */
  async addCrds(set: CrdSet): Promise<void> {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const crds = await readCrds(set)
    await Promise.all(crds.map(body => this.expect(path, { method: 'POST', body })))
    await Promise.all(
      crds.map(({ metadata: { name } }) =>
        until(`${name} is established`, async () => {
          const { status } = (await this.expect(`${path}/${name}`)) as Crd
          return (
            status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True')
            ?? false
          )
        }),
      ),
    )
  }

  /** Everything that is stored now, once nothing more comes; for {@link restore}. */
  stored(): Promise<Stored> {
    return this.#etcd.settled()
  }

  /** Puts everything back to what was stored then, whoever has changed it since; no controller and no webhook is asked. */
  async restore(stored: Stored): Promise<void> {
    // Controllers may still be writing of what has gone.
    await until('nobody writes any more', async () => {
      const changed = await this.#etcd.restore(stored)
      await this.expect('/readyz')
      await sleep(informedMs)
      return changed === 0 || !this.#plane.options.controllerManager
    })
    // What we and kubectl know of the kinds that there are.
    this.#kinds = new Map()
    await rm(join(this.folder, '.kube'), { recursive: true, force: true })
  }

  /** Asks the API server as the admin. */
  async request(
    path: string,
    { method = 'GET', body, contentType = 'application/json', accept = '*/*' }: Asked = {},
  ): Promise<Answer> {
    const headers = { accept, authorization: `Bearer ${this.tokens.get('admin')}` }
    const sent =
      body === undefined
        ? { headers }
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { ...headers, 'content-type': contentType },
          }
    const answer = await request(this.url + path, { dispatcher: this.#agent, method, ...sent })
    const text = await answer.body.text()
    const isJson = String(answer.headers['content-type']).includes('json')
    const warnings = warningsIn(answer.headers['warning'])
    return { status: answer.statusCode, body: isJson ? JSON.parse(text) : text, warnings }
  }

  /**
   * As {@link request}, but returns the body alone and throws on an error status. A kind that has just been added
   * is asked for again while its storage is initializing.
   */
  async expect(path: string, asked: Asked = {}): Promise<unknown> {
    const { status, body } = await this.#patiently(path, asked)
    if (status >= 400) throw new Error(`${asked.method ?? 'GET'} ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  async #patiently(path: string, asked: Asked = {}): Promise<Answer> {
    const deadline = Date.now() + 20_000
    let answer = await this.request(path, asked)
    while (answer.status === 429 && Date.now() < deadline) {
      await sleep(250)
      answer = await this.request(path, asked)
    }
    return answer
  }

  /** Runs kubectl; a failure is a code, not an error. */
  kubectl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.run('kubectl', args, options)
  }

  /**
   * What `kubectl apply` of YAML text does, as the admin; throws what the API server says if it fails. kubectl itself is only started for
   * what is there already.
   */
  async apply(yaml: string, { namespace }: { readonly namespace?: string } = {}): Promise<string> {
    const objects = appliedObjects(yaml)
    if (objects === undefined) return this.#applyByKubectl(yaml, namespace)
    let said = ''
    for (const [i, object] of objects.entries()) {
      const { apiVersion, kind, metadata } = object
      const served = await this.#servedKind(`${apiVersion} ${kind}`)
      const inPlace = served?.isNamespaced
        ? { ...object, metadata: { ...metadata, namespace: metadata.namespace ?? namespace ?? 'default' } }
        : object
      if (served === undefined || !(await isCreated(this.#asking, inPlace, served)))
        return (
          said
          + (await this.#applyByKubectl(
            objects
              .slice(i)
              .map(each => JSON.stringify(each))
              .join('\n---\n'),
            namespace,
          ))
        )
      said += `${nameOf(object)} created\n`
    }
    return said
  }

  /**
   * How `kubectl apply` of one object with a namespace ends, as the admin. kubectl itself is only started for an object that is there already,
   * or that is invalid: a process takes more CPU time than all else of a test.
   */
  async applied(object: AppliedObject): Promise<Outcome> {
    const kind = await this.#servedKind(`${object.apiVersion} ${object.kind}`)
    const answer = kind && (await created(this.#asking, object, kind))
    return (
      (answer && saidOfCreated(answer, nameOf(object)))
      ?? this.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) })
    )
  }

  async #applyByKubectl(yaml: string, namespace: string | undefined): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(
      ['apply', '-f', '-', ...(namespace ? ['-n', namespace] : [])],
      { stdin: yaml },
    )
    if (code !== 0) throw new Error(stderr)
    return stdout
  }

  /** How a kind is asked for, as `<apiVersion> <kind>`; undefined where it is not served. */
  async #servedKind(kind: string): Promise<ServedKind | undefined> {
    if (!this.#kinds.has(kind)) this.#kinds = await servedKinds(this.#asking)
    return this.#kinds.get(kind)
  }

  /** Runs one of our tools, or any program by its path, with KUBECONFIG set and a home folder of the cluster's own. */
  async run(
    program: ToolName | (string & {}),
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<Outcome> {
    const { folder, kubeconfig } = this
    if (program === 'kubectl') {
      const outcome = await this.#kubectl.run(args, options)
      if (outcome !== undefined) return outcome
    }
    const path = Object.hasOwn(tools, program)
      ? (await ensureAssets([program as ToolName]))[program as ToolName]
      : program
    return runProgram(path, args, { folder, kubeconfig, ...options })
  }

  /** Ends every process and removes the folder; the second time does nothing. */
  async stop(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#etcd.close(), this.#kubectl.stop()])
    await this.#plane.processes.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Asks again and again until the answer is yes; throws after a minute, naming what it waited for. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited for a minute, in vain, until ${what}`)
    await sleep(50)
  }
}
