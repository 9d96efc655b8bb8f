import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ApiRequest, ApiResponse, Connection } from '../../../shared/live/connection/connection.ts'

const base = /^\/apis\/apps\/v1\/(?:namespaces\/([^/]+)\/)?controllerrevisions(?:\/(.+))?$/
const codes = { 403: 'forbidden', 404: 'not-found', 409: 'conflict' } as const

/** The ControllerRevisions of an API server in memory, by `namespace/name`. */
export class MemoryApi {
  readonly objects = new Map<string, KubeObject>()
  /** What was asked: `POST shop/kubectl-canary.catalog.shop.1`. */
  readonly asked: string[] = []
  /** The status of an answer, or an error instead of one; told the method and the key. */
  fails: (method: string, key: string) => number | Error | undefined = () => undefined

  /** What our code asks of it. */
  readonly connection = {
    request: async (asked: ApiRequest) => this.#answer(asked),
    refusal: ({ status }: ApiResponse) =>
      new CanaryError(codes[status as 404] ?? 'failed', `refused with ${status}`),
  } as unknown as Connection

  #answer({ method = 'GET', path, query, body }: ApiRequest): ApiResponse {
    if (path.endsWith('selfsubjectreviews'))
      return answer(201, { status: { userInfo: { username: 'jane' } } })
    const [, namespace, named] = base.exec(path)!
    const object = body as KubeObject
    const key = `${namespace ?? '*'}/${named ?? (method === 'POST' ? object.metadata.name : '')}`
    this.asked.push(`${method} ${key}`)
    const failed = this.fails(method, key)
    if (failed instanceof Error) throw failed
    if (failed !== undefined) return answer(failed, {})
    if (method === 'POST') return this.#create(key, object)
    if (named === undefined)
      return answer(200, { items: this.#listed(namespace, String(query?.['labelSelector'])) })
    return this.#handled(key, method, object)
  }

  #handled(key: string, method: string, object: KubeObject): ApiResponse {
    const found = this.objects.get(key)
    if (found === undefined) return answer(404, {})
    if (method === 'DELETE') this.objects.delete(key)
    if (method === 'PATCH') this.objects.set(key, patched(found, object))
    return answer(200, found)
  }

  #create(key: string, object: KubeObject): ApiResponse {
    if (this.objects.has(key)) return answer(409, {})
    this.objects.set(key, JSON.parse(JSON.stringify(object)) as KubeObject)
    return answer(201, object)
  }

  #listed(namespace: string | undefined, selector: string): readonly KubeObject[] {
    const [label = '', value] = selector.split('=')
    return [...this.objects.values()].filter(
      ({ metadata: { labels = {}, namespace: its } }) =>
        (namespace === undefined || its === namespace)
        && (value === undefined ? label in labels : labels[label] === value),
    )
  }
}

function patched(object: KubeObject, { metadata: { annotations } }: KubeObject): KubeObject {
  const merged = Object.entries({ ...object.metadata.annotations, ...annotations }).filter(
    ([, value]) => (value as string | null) !== null,
  )
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(merged) } }
}

const answer = (status: number, body: unknown): ApiResponse => ({
  status,
  headers: {},
  warnings: [],
  text: JSON.stringify(body),
  json: () => body,
})
