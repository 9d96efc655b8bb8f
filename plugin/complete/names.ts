import { workloadKinds, type Kind } from '../../shared/objects/kinds.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import { quoteWords } from '../flags/argv.ts'
import type { Names } from '../flags/completed.ts'
import { readForCommand } from '../read/read-for-command.ts'
import type { Session } from '../session.ts'

/** The kinds that names are completed from; the others are needed only to judge edits. */
const completedKinds: readonly Kind[] = [
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

/** Reads the names for one service, or for all of the namespace. */
export async function readNames(session: Session, service: string | undefined): Promise<Names> {
  const store = await session.store()
  const { namespace } = session.flags
  const scope = { service, namespace, command: quoteWords(session.argv) }
  const { view, target } = await readForCommand(store, scope, completedKinds)
  const traffic = trafficOf(() => readTraffic(view, target, session.providers))
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
