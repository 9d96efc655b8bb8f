import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../plugin/open-store.ts'
import type { Service, Workload } from '../../../shared/objects/core.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

/** A Service in YAML. */
export const service = (name: string, selector: string, more = ''): string => `---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { ${selector} }, ports: [{ name: http, port: 80 }]${more} }
`

/** A Deployment in YAML, with the labels of its pods and an image. */
export const pods = (name: string, labels: string, { replicas = 1, image = `${name}:1` } = {}): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec: { containers: [{ name: app, image: '${image}' }] }
`

/** A Service hello over a stable and a canary Deployment. */
export const tracks = (stable: number, canary: number): string =>
  service('hello', 'app: hello')
  + pods('hello', 'app: hello, track: stable', { replicas: stable })
  + pods('hello-canary', 'app: hello, track: canary', { replicas: canary })

/** A Service hello that selects one of two colours. */
export const colours = (blue: number, green: number): string =>
  service('hello', 'app: hello, version: blue')
  + pods('hello-blue', 'app: hello, version: blue', { replicas: blue })
  + pods('hello-green', 'app: hello, version: green', { replicas: green })

const groups: Readonly<Record<string, string>> = {
  deployments: '/apis/apps/v1',
  services: '/api/v1',
  pods: '/api/v1',
}

/** A namespace of a cluster whose pods become ready, and what people do there. */
export interface PodsWorld extends AsyncDisposable {
  readonly cluster: Cluster
  readonly namespace: string
  readonly path: (resource: string, name?: string) => string
  canary(line: string): Promise<Ended>
  /** The same, which must end with 0. */
  does(line: string): Promise<Ended>
  /** The same, which must end with another code; the error with its hints. */
  fails(line: string, code?: number): Promise<string>
  /** Runs kubectl in the namespace; it must succeed. */
  kubectl(...args: readonly string[]): Promise<string>
  service(name?: string): Promise<Service>
  deployment(name: string): Promise<Workload>
  /** The replicas of Deployments, in the order of their names. */
  replicas(): Promise<Readonly<Record<string, number>>>
  /** Pods with these images never become ready. */
  readonly broken: Set<string>
  /** How many pods of each Deployment were ready, whenever somebody looked. */
  readonly seen: Readonly<Record<string, number>>[]
  /** What a person wrote of the Services and Deployments. */
  state(): Promise<readonly unknown[]>
  until(what: string, holds: () => Promise<boolean>): Promise<void>
}

interface RunningPod extends KubeObject {
  readonly spec: { readonly containers: readonly [{ readonly image: string }] }
  readonly status?: { readonly phase?: string }
}

const readyStatus = {
  phase: 'Running',
  conditions: [
    { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    { type: 'ContainersReady', status: 'True' },
  ],
}

/** What a person wrote of an object: without what controllers write of rollouts. */
const writtenOf = ({ kind, metadata, ...rest }: KubeObject): object => {
  const { name, annotations = {} } = metadata
  const own = Object.entries(annotations).filter(
    ([key]) => !key.startsWith('deployment.kubernetes.io/') && !key.startsWith('kubectl.kubernetes.io/'),
  )
  return { kind, name, annotations: Object.fromEntries(own), spec: Reflect.get(rest, 'spec') }
}

/** Applies objects to a namespace of their own, whose pods become ready, and waits until all are. */
export async function podsWorld(cluster: Cluster, yaml: string): Promise<PodsWorld> {
  const namespace = await cluster.namespace()
  await cluster.apply(yaml, { namespace })
  const path = (resource: string, name?: string): string =>
    `${groups[resource]}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`
  const list = async <T extends KubeObject>(resource: string): Promise<readonly T[]> =>
    ((await cluster.expect(path(resource))) as { readonly items: readonly T[] }).items
  const [broken, seen] = [new Set<string>(), [] as Record<string, number>[]]
  const stopping = new AbortController()
  const node = keepPods({ cluster, path, list, broken, seen, signal: stopping.signal })
  await until('all pods are ready', async () =>
    (await list<Workload>('deployments')).every(
      ({ spec, status }) => (status?.readyReplicas ?? 0) === (spec.replicas ?? 1),
    ),
  )
  seen.length = 0
  return {
    cluster,
    namespace,
    path,
    broken,
    seen,
    until,
    ...commandsIn(cluster, namespace),
    service: async (name = 'hello') => (await cluster.expect(path('services', name))) as Service,
    deployment: async name => (await cluster.expect(path('deployments', name))) as Workload,
    replicas: async () =>
      Object.fromEntries(
        (await list<Workload>('deployments')).map(({ metadata, spec }) => [
          metadata.name,
          spec.replicas ?? 1,
        ]),
      ),
    state: async () =>
      [...(await list<Service>('services')), ...(await list<Workload>('deployments'))].map(writtenOf),
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await node
    },
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await holds())) {
    assert.ok(Date.now() < end, `still not: ${what}`)
    await sleep(100)
  }
}

/** What people type in a namespace; waits of more than a moment are cut short. */
function commandsIn(
  cluster: Cluster,
  namespace: string,
): Pick<PodsWorld, 'canary' | 'does' | 'fails' | 'kubectl'> {
  const canary = (line: string): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      clock: { now: () => new Date(), wait: milliseconds => sleep(Math.min(milliseconds, 200)) },
    })
  const ending = async (code: number, line: string): Promise<Ended> => {
    const ended = await canary(line)
    assert.equal(ended.code, code, `${line}: ${ended.stdout}${ended.stderr}`)
    return ended
  }
  return {
    canary,
    does: line => ending(0, line),
    fails: async (line, code = 3) => (await ending(code, line)).stderr,
    kubectl: async (...args) => {
      const { code, stdout, stderr } = await cluster.kubectl([...args, '-n', namespace])
      assert.equal(code, 0, `kubectl ${args.join(' ')}: ${stderr}`)
      return stdout
    },
  }
}

interface Kept extends Pick<PodsWorld, 'cluster' | 'path' | 'broken' | 'seen'> {
  readonly list: <T extends KubeObject>(resource: string) => Promise<readonly T[]>
  readonly signal: AbortSignal
}

/** Stands for the nodes: makes each pod ready soon after it is there, and notes how many are. */
async function keepPods({ cluster, path, list, broken, seen, signal }: Kept): Promise<void> {
  while (!signal.aborted) {
    for (const pod of await list<RunningPod>('pods')) {
      if (pod.status?.phase === 'Running' || broken.has(pod.spec.containers[0].image)) continue
      await cluster.request(`${path('pods', pod.metadata.name)}/status`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { status: readyStatus },
      })
    }
    const deployments = await list<Workload>('deployments')
    seen.push(
      Object.fromEntries(
        deployments.map(({ metadata, status }) => [metadata.name, status?.readyReplicas ?? 0]),
      ),
    )
    await sleep(50)
  }
}
