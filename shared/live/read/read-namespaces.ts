import { resources } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { apiPath } from '../api-path.ts'
import type { VersionedConnection } from '../served-versions.ts'
import { listKind, pageSize, plain, type Listed, type ListedItem } from './list-kind.ts'
import type { ListResult } from './notes.ts'

/** How many namespaces are asked for by name; more than these are listed. */
const mostNames = 20

/**
 * Whether a namespace without labels gets sidecars is decided by what the labels of others say: one that asks
 * for them (of two, one is another than itself) is enough, and those that refuse them are few.
 */
const telling = [
  { labelSelector: 'istio-injection=enabled', limit: '2' },
  { labelSelector: 'istio.io/rev', limit: '2' },
  { labelSelector: 'istio-injection=disabled', limit: String(pageSize) },
] as const

/**
 * The Namespaces that say something about some: all where one page has them or the cluster must be known as a
 * whole, else those named, those to which something is exported by name, and those whose labels decide about
 * sidecars. `others` are what else is read. Throws a CanaryError where no answer, or an unexpected one, comes.
 */
export async function readNamespaces(
  reader: VersionedConnection,
  names: readonly string[],
  others: Promise<readonly ListResult[]>,
): Promise<readonly ListResult[]> {
  const first = await readPage(reader, { limit: String(pageSize) })
  if (first.listed.is === 'forbidden') return readEach(reader, names)
  if (!first.hasMore) return [ofCluster(first.listed)]
  const exported = exportedTo(await others).filter(name => !names.includes(name))
  // The rule about namespaces that do not exist has to know all.
  const all = async (): Promise<readonly ListResult[]> => [
    ofCluster(await listKind(reader, 'Namespace', undefined)),
  ]
  if (names.length + exported.length > mostNames || names.includes('kube-system')) return all()
  const [own, there, pages] = await Promise.all([
    readEach(reader, names),
    readEach(reader, exported),
    Promise.all(telling.map(query => readPage(reader, query))),
  ])
  if (
    there.some(({ listed }) => listed.is === 'absent')
    || pages.some(({ hasMore }, i) => i === 2 && hasMore)
  )
    return all()
  const known = new Map<string, KubeObject>()
  for (const { listed } of [...own, ...there, ...pages])
    if (listed.is === 'read') for (const object of listed.objects) known.set(object.metadata.name, object)
  // With it in view, a cluster counts as known.
  known.delete('kube-system')
  return [
    ...own.filter(({ listed }) => listed.is !== 'read'),
    ofCluster({ is: 'read', objects: [...known.values()] }),
  ]
}

const ofCluster = (listed: Listed): ListResult => ({ kind: 'Namespace', namespace: undefined, listed })

const readEach = (reader: VersionedConnection, names: readonly string[]): Promise<readonly ListResult[]> =>
  Promise.all(
    names.map(async name => ({
      kind: 'Namespace' as const,
      namespace: name,
      listed: await readNamespace(reader, name),
    })),
  )

/** One Namespace. */
export async function readNamespace(
  { connection, signal }: VersionedConnection,
  name: string,
): Promise<Listed> {
  const answer = await connection.request({
    path: apiPath('Namespace', 'v1', { name }),
    ...(signal && { signal }),
  })
  if (answer.status === 200)
    return { is: 'read', objects: [plain(answer.json() as ListedItem, 'v1', 'Namespace')] }
  if (answer.status === 404) return { is: 'absent' }
  const error = connection.refusal(answer, { verb: 'get', resource: 'namespaces', namespace: name })
  if (answer.status === 403) return { is: 'forbidden', error }
  throw error
}

interface NamespacePage {
  readonly listed: Listed
  readonly hasMore: boolean
}

async function readPage(
  { connection, signal }: VersionedConnection,
  query: Readonly<Record<string, string>>,
): Promise<NamespacePage> {
  const answer = await connection.request({
    path: apiPath('Namespace', 'v1'),
    query,
    ...(signal && { signal }),
  })
  if (answer.status !== 200) {
    const error = connection.refusal(answer, { verb: 'list', resource: resources.Namespace.plural })
    if (answer.status !== 403) throw error
    return { listed: { is: 'forbidden', error }, hasMore: false }
  }
  const { items, metadata } = answer.json() as {
    readonly items?: readonly ListedItem[] | null
    readonly metadata?: { readonly continue?: string }
  }
  const objects = (items ?? []).map(item => plain(item, 'v1', 'Namespace'))
  return { listed: { is: 'read', objects }, hasMore: Boolean(metadata?.continue) }
}

/** The namespaces that objects name in exportTo. */
function exportedTo(parts: readonly ListResult[]): readonly string[] {
  const objects = parts.flatMap(({ listed }) => (listed.is === 'read' ? listed.objects : []))
  const names = objects.flatMap(object => itemsOf(fieldsOf(Reflect.get(object, 'spec'))['exportTo']))
  return [...new Set(names.filter(name => typeof name === 'string'))].filter(name => !/^[.*~]?$/.test(name))
}
