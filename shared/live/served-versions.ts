import { resources, type Kind } from '../objects/kinds.ts'
import { groupPath } from './api-path.ts'
import type { Connection } from './connection/connection.ts'

/** Which version of a kind this cluster serves, found out as cheaply as can be and remembered. */
export interface ServedVersions {
  /** The version that has answered, else the one to try first. */
  likely(kind: Kind): string
  /** Those still worth trying after the likely one was not there: asks once what the group serves. */
  others(kind: Kind): Promise<readonly string[]>
  /** Whether the API server has the group of a kind; true where it does not say. */
  isServed(kind: Kind): Promise<boolean>
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
const optionalGroups: ReadonlySet<string> = new Set(['argoproj.io', 'apps.kruise.io', 'apps.openshift.io'])

/** Nothing is asked as long as the newest version is there, which it is on every Istio since 1.22. */
export function servedVersions(connection: Connection, signal: AbortSignal | undefined): ServedVersions {
  const known = new Map<Kind, string>()
  const groups = new Map<string, Promise<readonly string[]>>()
  const askOnce = (group: string): Promise<readonly string[]> => {
    const asking = groups.get(group) ?? readGroup(connection, group, signal)
    groups.set(group, asking)
    return asking
  }
  const likely = (kind: Kind): string => known.get(kind) ?? resources[kind].versions[0]!
  return {
    likely,
    async others(kind) {
      const { group, versions } = resources[kind]
      if (versions.length === 1) return []
      const served = await askOnce(group)
      return versions.filter(version => version !== likely(kind) && served.includes(version))
    },
    async isServed(kind) {
      const { group } = resources[kind]
      if (!optionalGroups.has(group)) return true
      return askOnce(group).then(
        served => served.length > 0,
        () => true,
      )
    },
    confirm: (kind, version) => {
      known.set(kind, version)
    },
  }
}

async function readGroup(
  connection: Connection,
  group: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const answer = await connection.request({ path: groupPath(group), ...(signal && { signal }) })
  if (answer.status === 404) return []
  if (answer.status !== 200) throw connection.refusal(answer)
  const { versions = [] } = answer.json() as { readonly versions?: readonly { readonly version: string }[] }
  return versions.map(({ version }) => version)
}
