import { CanaryError } from '../../shared/objects/canary-error.ts'
import { readServices as readTarget } from '../../shared/plan/read-services.ts'
import type { ServiceReading } from '../../shared/routing/provider.ts'
import type { Reading } from '../../shared/view/store.ts'
import type { Session } from '../session.ts'
import { reach } from './read-for-command.ts'

/** Services, and what the reading that they are in can tell. */
export interface Services extends Pick<Reading, 'live' | 'sources'> {
  readonly services: readonly ServiceReading[]
}

/**
 * The traffic that a reading command is about, notes already told: one service, those of the namespace, or
 * with `-A` all.
 */
export async function readServices(session: Session, service: string | undefined): Promise<Services> {
  checkFlags(session, service)
  const { where, ...found } = await readWhere(session, service)
  if (found.services.length === 0) session.note(`No routed services found in ${where}.`)
  return found
}

async function readWhere(
  session: Session,
  service: string | undefined,
): Promise<Services & { readonly where: string }> {
  const store = await session.store()
  const { allNamespaces, files, namespace } = session.flags
  const isWholeFolder = files.length > 0 && namespace === undefined && service === undefined
  if (allNamespaces || isWholeFolder) {
    const reading = await store.read({ namespaces: '*' })
    session.tell(reading.notes)
    return {
      ...reading,
      services: readTarget(reading.view, { namespace: '*', live: reading.live }),
      where: isWholeFolder ? files.join(', ') : 'any namespace',
    }
  }
  const { target, ...reading } = await reach(session, store, { service })
  session.tell(reading.notes)
  return {
    ...reading,
    services: readTarget(reading.view, target),
    where: `namespace ${target.namespace}${files.length > 0 ? ` of ${files.join(', ')}` : ''}`,
  }
}

function checkFlags({ flags: { allNamespaces, dryRun } }: Session, service: string | undefined): void {
  if (dryRun !== 'none')
    throw new CanaryError('usage', 'nothing is written here, so --dry-run has no meaning', {
      hints: ['Leave it out.'],
    })
  if (allNamespaces && service !== undefined)
    throw new CanaryError('usage', '-A and --service exclude each other', {
      hints: ['Write --service NAME.NAMESPACE for a service in another namespace.'],
    })
}
