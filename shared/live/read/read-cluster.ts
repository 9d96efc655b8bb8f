import type { VersionedConnection } from '../served-versions.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { fileKinds, kindOf, resources, type Kind } from '../../objects/kinds.ts'
import { controllerOf, type KubeObject } from '../../objects/kube-object.ts'
import { defaultMesh, withOverrides, type ParseYaml } from '../../view/mesh.ts'
import { snapshot } from '../../view/snapshot.ts'
import { owningKinds, routingKinds, usualKinds, type Reading, type Scope } from '../../view/store.ts'
import type { ReadList } from '../read-list.ts'
import { listKind, type Listed } from './list-kind.ts'
import { notesOf, type ListResult } from './notes.ts'
import { readMesh } from './read-mesh.ts'
import { readNamespace, readNamespaces } from './read-namespaces.ts'

/** Without these nothing can be said; for the others it is said what was not checked. */
const requiredKinds: readonly Kind[] = ['VirtualService', 'Service']

/** What the root namespace says of these holds in all: without it nothing is known. */
const fromRoot: ReadonlySet<Kind> = new Set(['PeerAuthentication'])

/** How a cluster is read. */
export interface ClusterReadOptions {
  readonly parseYaml: ParseYaml
  /** One note for all rights that are missing. */
  readonly briefNotes?: boolean | undefined
}

/** What was read, and how it is watched from then on. */
export interface ClusterReading extends Reading {
  readonly lists: readonly ReadList[]
}

/** Reads what a command needs to know, everything at once over the connection's few lines. */
export async function readCluster(
  reader: VersionedConnection,
  scope: Scope,
  { parseYaml, briefNotes = false }: ClusterReadOptions,
): Promise<ClusterReading> {
  const rootNamespace = scope.mesh?.rootNamespace ?? defaultMesh.rootNamespace
  const kinds = [...(scope.kinds ?? usualKinds), ...(scope.also ?? [])].filter(
    kind => kind !== 'ConfigMap' && !fileKinds.has(kind),
  )
  const [usual, config] = await Promise.all([
    readKinds(reader, kinds, { ...scope, rootNamespace }),
    readMesh(reader, rootNamespace, parseYaml),
  ])
  const owners = scope.kinds === undefined ? owningKinds.filter(kind => isOwning(reader, kind, usual)) : []
  const parts = [...usual, ...(await readKinds(reader, owners, { ...scope, rootNamespace }))]
  const refused = parts.find(part => isFatal(part, scope))
  if (refused?.listed.is === 'forbidden') throw refused.listed.error
  const objects = parts.flatMap(({ listed }) => (listed.is === 'read' ? listed.objects : []))
  await checkNamespaces(reader, scope, objects)
  return {
    view: snapshot(config.configMap === undefined ? objects : [...objects, config.configMap], {
      mesh: withOverrides(config.mesh, scope.mesh ?? {}),
      unread: new Set(
        parts
          .filter(
            ({ kind, listed, namespace }) =>
              listed.is === 'forbidden' && (isIn(scope, namespace) || fromRoot.has(kind)),
          )
          .map(({ kind }) => kind),
      ),
      absent: new Set(parts.filter(({ listed }) => listed.is === 'absent').map(({ kind }) => kind)),
    }),
    notes: [...notesOf(parts, scope, { brief: briefNotes, others: config.missing ?? [] }), ...config.notes],
    live: true,
    narrow: new Set(parts.filter(({ namespace }) => namespace !== undefined).map(({ kind }) => kind)),
    lists: parts.flatMap(({ listed }) => (listed.is === 'read' ? (listed.list ?? []) : [])),
  }
}

/** Whether an object that was read is owned by one of the kind, or the cluster is known to serve it. */
const isOwning = ({ versions }: VersionedConnection, kind: Kind, parts: readonly ListResult[]): boolean =>
  versions.isKnown(kind)
  || parts.some(
    ({ listed }) =>
      listed.is === 'read'
      && listed.objects.some(object => {
        const owner = controllerOf(object)
        return owner !== undefined && kindOf(owner) === kind
      }),
  )

interface ScopeWithRoot extends Scope {
  readonly rootNamespace: string
}

const isIn = ({ namespaces }: Scope, namespace: string | undefined): boolean =>
  namespaces === '*' || namespace === undefined || namespaces.includes(namespace)

const isFatal = ({ kind, namespace, listed }: ListResult, scope: Scope): boolean =>
  listed.is === 'forbidden' && requiredKinds.includes(kind) && isIn(scope, namespace)

/** Kinds that say something only where an object of another one names them, or is there for them to name. */
const namedBy: Partial<Record<Kind, Kind>> = {
  TLSRoute: 'Gateway.gateway.networking.k8s.io',
  TCPRoute: 'Gateway.gateway.networking.k8s.io',
  ApisixPluginConfig: 'ApisixRoute',
  ApisixUpstream: 'ApisixRoute',
}

const isFilled = (listed: Listed): boolean => listed.is === 'read' && listed.objects.length > 0

async function readKinds(
  reader: VersionedConnection,
  kinds: readonly Kind[],
  scope: ScopeWithRoot,
): Promise<readonly ListResult[]> {
  const { namespaces } = scope
  const isApart = (kind: Kind): boolean => kind === 'Namespace' && namespaces !== '*'
  const asked = kinds.filter(kind => !isApart(kind))
  const reading = new Map<Kind, Promise<readonly ListResult[]>>()
  // Those that others name come after them: a kind that nothing names is not asked for.
  for (const kind of asked.toSorted((a, b) => Number(a in namedBy) - Number(b in namedBy))) {
    const naming = reading.get(namedBy[kind] ?? kind)
    const isNamed = naming?.then(parts => parts.some(({ listed }) => isFilled(listed)))
    const read = async (): Promise<readonly ListResult[]> =>
      (await isNamed) === false ? [] : readKind(reader, kind, scope)
    reading.set(kind, read())
  }
  const others = Promise.all(reading.values()).then(each => each.flat())
  if (namespaces === '*' || !kinds.includes('Namespace')) return others
  const [parts, ofNamespaces] = await Promise.all([others, readNamespaces(reader, namespaces, others)])
  return [...parts, ...ofNamespaces]
}

/** A kind's parts: one for the whole cluster if that is wanted and allowed, else one for each namespace. */
async function readKind(
  reader: VersionedConnection,
  kind: Kind,
  { namespaces, rootNamespace }: ScopeWithRoot,
): Promise<readonly ListResult[]> {
  const part = async (namespace: string | undefined): Promise<ListResult> => ({
    kind,
    namespace,
    listed: await listKind(reader, kind, namespace),
  })
  if (namespaces !== '*' && !routingKinds.includes(kind)) return Promise.all(namespaces.map(part))
  const whole = await part(undefined)
  if (whole.listed.is !== 'forbidden' || namespaces === '*') return [whole]
  return Promise.all([...new Set([...namespaces, rootNamespace])].map(part))
}

/**
 * A misspelt namespace looks like an empty one, so one in which nothing was found is asked for. Who may not
 * ask is believed.
 */
async function checkNamespaces(
  reader: VersionedConnection,
  { namespaces, kinds }: Scope,
  objects: readonly KubeObject[],
): Promise<void> {
  if (namespaces === '*' || kinds?.every(kind => !resources[kind].namespaced)) return
  const inhabited = new Set(objects.map(({ metadata }) => metadata.namespace))
  await Promise.all(
    namespaces
      .filter(name => !inhabited.has(name))
      .map(async name => {
        if ((await readNamespace(reader, name)).is === 'absent') {
          throw new CanaryError(
            'not-found',
            `namespace ${name} does not exist on ${reader.connection.server}`,
            { hints: [`List the namespaces: kubectl get namespaces${reader.connection.flags}`] },
          )
        }
      }),
  )
}
