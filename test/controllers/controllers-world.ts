import assert from 'node:assert/strict'
import { openStore } from '../../plugin/open-store.ts'
import type { OpenStore } from '../../plugin/open-store.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ApiRequest, ApiResponse } from '../../shared/live/connection/connection.ts'
import type { ClusterStore } from '../../shared/live/open-cluster.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../plugin/run-command.ts'

/** One write as it was sent, without the version to which it was bound. */
export interface SentPatch {
  /** `rollouts/checkout/status`. */
  readonly at: string
  readonly type: string
  readonly body: unknown
}

/** A namespace with what a controller has made, and what people do there. */
export interface ControllersWorld {
  readonly namespace: string
  /** The writes since the last look, each bound to a version; dry runs and records left out. */
  readonly sent: () => readonly SentPatch[]
  readonly canary: (line: string) => Promise<Ended>
  readonly does: (line: string) => Promise<Ended>
  readonly refuses: (line: string, code?: number) => Promise<string>
  /** An object by `rollouts/checkout`. */
  readonly get: (at: string) => Promise<KubeObject>
  /** Writes as the controller or a person does, by a merge patch. */
  readonly patch: (at: string, body: object) => Promise<void>
  /** Called before the next write is sent, once. */
  readonly before: (work: () => Promise<void>) => void
  /** What was called through the API server since the last look; there it is answered with 200, as if somebody did. */
  readonly calls: () => readonly string[]
  /** From now on the API server itself answers, which has no such Service. */
  readonly hangUp: () => void
}

const groups: Readonly<Record<string, string>> = {
  rollouts: '/apis/argoproj.io/v1alpha1',
  canaries: '/apis/flagger.app/v1beta1',
  virtualservices: '/apis/networking.istio.io/v1',
  replicasets: '/apis/apps/v1',
  deployments: '/apis/apps/v1',
}

/** What passes between the program and the API server. */
class Wire {
  readonly log: ApiRequest[] = []
  readonly called: string[] = []
  answersCalls = true
  first: (() => Promise<void>) | undefined

  /** Opens the store that the program opens, and listens in. */
  readonly open: OpenStore = async (flags, streams) => {
    const store = (await openStore(flags, streams)) as ClusterStore
    // Files have none.
    if (!('connection' in store)) return store
    const ask = store.connection.request.bind(store.connection)
    Object.assign(store.connection, { request: (asked: ApiRequest) => this.#pass(asked, ask) })
    return store
  }

  async #pass(asked: ApiRequest, ask: (asked: ApiRequest) => Promise<ApiResponse>): Promise<ApiResponse> {
    if (asked.path.includes('/proxy/')) {
      this.called.push(`${asked.method ?? 'GET'} ${asked.path} ${JSON.stringify(asked.body)}`)
      if (this.answersCalls)
        return { status: 200, text: '', headers: {}, warnings: [] } as unknown as ApiResponse
    }
    if (asked.method !== 'PATCH') return ask(asked)
    const work = this.first
    this.first = undefined
    await work?.()
    this.log.push(asked)
    return ask(asked)
  }
}

/** Makes a world of YAML; the kinds of status that are given are set through their subresource. */
export async function controllersWorld(
  cluster: Cluster,
  yaml: string,
  statuses: Readonly<Record<string, object>> = {},
): Promise<ControllersWorld> {
  const namespace = await cluster.namespace()
  await cluster.apply(yaml, { namespace })
  const pathOf = (at: string): string => `${groups[at.split('/')[0]!]}/namespaces/${namespace}/${at}`
  const patch = async (at: string, body: object): Promise<void> => {
    await cluster.expect(pathOf(at), { method: 'PATCH', contentType: 'application/merge-patch+json', body })
  }
  for (const [at, status] of Object.entries(statuses)) await patch(`${at}/status`, { status })
  const wire = new Wire()
  const canary = (line: string): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: wire.open,
      now: new Date(),
    })
  const ending = async (code: number, line: string): Promise<Ended> => {
    const ended = await canary(line)
    assert.equal(ended.code, code, `${line}: ${ended.stdout}${ended.stderr}`)
    return ended
  }
  const isReal = ({ query }: ApiRequest): boolean => query?.['dryRun'] === undefined
  return {
    namespace,
    canary,
    patch,
    sent: () =>
      wire.log
        .splice(0)
        .filter(isReal)
        .map((asked, i, all) => sentPatch(asked, namespace, { isBound: !isSecond(asked, all[i - 1]) })),
    does: line => ending(0, line),
    refuses: async (line, code = 3) => (await ending(code, line)).stderr,
    get: async at => (await cluster.expect(pathOf(at))) as KubeObject,
    before: work => {
      wire.first = work
    },
    calls: () => wire.called.splice(0),
    hangUp: () => {
      wire.answersCalls = false
    },
  }
}

/** Whether a patch of the spec follows one of the status. */
const isSecond = (asked: ApiRequest, earlier: ApiRequest | undefined): boolean =>
  earlier?.path === `${asked.path}/status`

/**
 * What was sent, after a look that it was bound to a version, or where it is the second patch of an order that it was not:
 * the controller may have answered the first by then.
 */
function sentPatch(
  { path, contentType = '', body }: ApiRequest,
  namespace: string,
  { isBound }: { readonly isBound: boolean },
): SentPatch {
  const at = path.split(`/namespaces/${namespace}/`)[1]!
  const type = /^application\/(\w+)-patch\+json$/.exec(contentType)?.[1] ?? contentType
  if (Array.isArray(body)) {
    const [bound, ...rest] = body as readonly Record<string, unknown>[]
    assert.equal(bound?.['path'], '/metadata/resourceVersion')
    return { at, type, body: rest }
  }
  const { metadata, ...rest } = body as Record<string, Record<string, unknown>>
  assert.equal(metadata?.['resourceVersion'] !== undefined, isBound)
  return { at, type, body: rest }
}
