import { workloadKinds, type Kind } from '../../shared/objects/kinds.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import type { Session } from '../session.ts'
import { reach } from '../read/read-for-command.ts'

/** What names are completed from: the rest of the mesh is for judging edits. */
const completed: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'Gateway',
  ...workloadKinds,
  'Pod',
  'ServiceEntry',
  'WorkloadEntry',
  'Namespace',
]

/** The names that stand in the cluster or the files now. */
export interface Names {
  readonly services: readonly string[]
  readonly namespaces: readonly string[]
  readonly versions: readonly string[]
  readonly cohorts: readonly string[]
}

/** Reads them for one service, or for all of the namespace. */
export async function readNames(session: Session, service: string | undefined): Promise<Names> {
  const store = await session.store()
  const { view, target } = await reach(session, store, { service, kinds: [...completed] })
  const traffic = trafficOf(() => readTraffic(view, target))
  return {
    services: unique(view.list('Service', target.namespace).map(({ metadata }) => metadata.name)),
    namespaces: unique(view.list('Namespace').map(({ metadata }) => metadata.name)),
    versions: unique(traffic.flatMap(({ versions }) => versions.map(({ name }) => name))),
    cohorts: unique(
      traffic.flatMap(({ entryPoints }) =>
        entryPoints.flatMap(({ cohorts }) => cohorts.map(({ name }) => name)),
      ),
    ),
  }
}

/** A service that is half typed has no traffic. */
function trafficOf(read: () => readonly Traffic[]): readonly Traffic[] {
  try {
    return read()
  } catch {
    return []
  }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort()
