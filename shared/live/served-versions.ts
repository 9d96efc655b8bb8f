import { CanaryError, type ErrorCode } from '../objects/canary-error.ts'
import { resources, type Kind } from '../objects/kinds.ts'
import { groupPath } from './api-path.ts'
import type { ApiResponse, Connection } from './connection/connection.ts'
import type { ApiGroup, DiscoveryCache } from './discovery-cache.ts'

/** Which version of a kind this cluster serves, found out as cheaply as can be and remembered. */
export interface ServedVersions {
  /** The version that has answered, else the one to try first. */
  likely(kind: Kind): string
  /** Those still worth trying after the likely one was not there: asks once what the group serves. */
  others(kind: Kind): Promise<readonly string[]>
  /** Whether the API server has the group of a kind; true where it does not say. */
  isServed(kind: Kind): Promise<boolean>
  /**
   * Whether a kind need not be asked for: few clusters have its group, and all groups of this one, which are asked
   * for once, are without it.
   */
  isAbsent(kind: Kind): Promise<boolean>
  /** Whether it is known without asking that the API server has the group of a kind. */
  isKnown(kind: Kind): boolean
  /** Notes that this version has answered. */
  confirm(kind: Kind, version: string): void
}

/** What every read and every write needs of a cluster. */
export interface VersionedConnection {
  readonly connection: Connection
  readonly versions: ServedVersions
  readonly signal: AbortSignal | undefined
}

/** Groups of kinds that most clusters do not have; a person without rights on them loses nothing there. */
const optionalGroups: ReadonlySet<string> = new Set([
  'gateway.networking.k8s.io',
  'argoproj.io',
  'apps.kruise.io',
  'apps.openshift.io',
  'apisix.apache.org',
  'flagger.app',
])

/** What is known of the versions of a cluster before anything is asked. */
export interface KeptGroups {
  readonly cache: DiscoveryCache
  readonly groups: readonly ApiGroup[] | undefined
}

/**
 * No version is asked for as long as the newest version is there, which it is on every Istio since 1.22, or the one
 * that the cache names. The cache is believed where it says that something is served, and no further: what was
 * installed since must not be overlooked.
 */
export function servedVersions(
  connection: Connection,
  signal: AbortSignal | undefined,
  known?: KeptGroups,
): ServedVersions {
  const answered = new Map<Kind, string>()
  const groups = new Map<string, Promise<readonly string[]>>()
  const all = onlyOnce(() => readAllGroups(connection, signal, known))
  const askOnce = (group: string): Promise<readonly string[]> => {
    const asking = groups.get(group) ?? readVersions(group)
    groups.set(group, asking)
    return asking
  }
  const readVersions = async (group: string): Promise<readonly string[]> => {
    const isCached = versionsIn(known?.groups, group) !== undefined
    if (known === undefined || (known.groups !== undefined && !isCached)) {
      const served = await readGroup(connection, group, signal)
      if (known === undefined || served.length === 0) return served
    }
    const served = await all()
    return served === undefined ? readGroup(connection, group, signal) : (versionsIn(served, group) ?? [])
  }
  const likely = (kind: Kind): string => {
    const { group, versions } = resources[kind]
    const cached = versionsIn(known?.groups, group)
    return answered.get(kind) ?? versions.find(version => cached?.includes(version)) ?? versions[0]!
  }
  return {
    likely,
    async others(kind) {
      const { group, versions } = resources[kind]
      if (versions.length === 1) return []
      const served = await askOnce(group)
      return versions.filter(version => version !== likely(kind) && served.includes(version))
    },
    isServed: kind => hasGroup(resources[kind].group, askOnce),
    async isAbsent(kind) {
      const { group } = resources[kind]
      if (!optionalGroups.has(group) || versionsIn(known?.groups, group) !== undefined) return false
      const served = await all().catch(undefinedUnlessLost)
      return served !== undefined && versionsIn(served, group) === undefined
    },
    isKnown: kind => versionsIn(known?.groups, resources[kind].group) !== undefined,
    confirm: (kind, version) => {
      answered.set(kind, version)
    },
  }
}

/** An answer that cannot be read tells nothing. Without a login or a connection no other request would be answered either. */
function undefinedUnlessLost(error: unknown): undefined {
  if (error instanceof CanaryError && lost.has(error.code)) throw error
  return undefined
}

const lost: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'unreachable', 'timeout', 'interrupted'])

const hasGroup = async (
  group: string,
  ask: (group: string) => Promise<readonly string[]>,
): Promise<boolean> =>
  !optionalGroups.has(group)
  || ask(group).then(
    served => served.length > 0,
    () => true,
  )

const versionsIn = (groups: readonly ApiGroup[] | undefined, group: string): readonly string[] | undefined =>
  groups?.find(({ name }) => name === group)?.versions.map(({ version }) => version)

function onlyOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => (reading ??= read())
}

async function readGroup(
  connection: Connection,
  group: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const answer = await connection.request({ path: groupPath(group), ...(signal && { signal }) })
  if (answer.status === 404) return []
  if (answer.status !== 200) throw connection.refusal(answer)
  const { versions = [] } = answer.json() as Partial<ApiGroup>
  return versions.map(({ version }) => version)
}

/**
 * All groups as kubectl asks for them and keeps them; undefined where the API server does not tell. The core
 * group, which never changes, is asked for once.
 */
async function readAllGroups(
  connection: Connection,
  signal: AbortSignal | undefined,
  kept: KeptGroups | undefined,
): Promise<readonly ApiGroup[] | undefined> {
  const ask = (path: string) => connection.request({ path, ...(signal && { signal }) })
  const known = kept?.groups?.find(({ name }) => name === '')
  const [core, answer] = await Promise.all([known ?? ask('/api').then(coreGroupOf), ask('/apis')])
  if (core === undefined || answer.status !== 200) return undefined
  const { groups } = answer.json() as { readonly groups?: readonly ApiGroup[] }
  if (groups === undefined) return undefined
  const all = [core, ...groups]
  if (JSON.stringify(all) !== JSON.stringify(kept?.groups)) await kept?.cache.write(all)
  return all
}

function coreGroupOf(answer: ApiResponse): ApiGroup | undefined {
  if (answer.status !== 200) return undefined
  const { versions = [] } = answer.json() as { readonly versions?: readonly string[] }
  const served = versions.map(version => ({ groupVersion: version, version }))
  return served[0] && { name: '', versions: served, preferredVersion: served[0] }
}
