import { CanaryError } from '../shared/objects/canary-error.ts'
import { readServices as readTarget } from '../shared/plan/read-services.ts'
import type { ServiceReading } from '../shared/routing/provider.ts'
import type { Store } from '../shared/view/store.ts'
import type { Session } from './session.ts'
import { reach } from './target.ts'

export interface Services {
  readonly services: readonly ServiceReading[]
  readonly store: Store
  /** Readiness is known. */
  readonly live: boolean
}

/**
 * The traffic that a reading command is about, notes already told: one service, those of the namespace, or
 * with `-A` all.
 */
export async function readServices(session: Session, service: string | undefined): Promise<Services> {
  checkFlags(session, service)
  const store = await session.store()
  const { services, where } = await readWhere(session, store, service)
  if (services.length === 0) session.note(`No routed services found in ${where}.`)
  return { services, store, live: store.kind === 'cluster' }
}

async function readWhere(
  session: Session,
  store: Store,
  service: string | undefined,
): Promise<Pick<Services, 'services'> & { readonly where: string }> {
  const { allNamespaces, files, namespace } = session.flags
  const isWholeFolder = store.kind === 'manifests' && namespace === undefined && service === undefined
  if (allNamespaces || isWholeFolder) {
    const { view, notes } = await store.read({ namespaces: '*' })
    session.tell(notes)
    return {
      services: readTarget(view, { namespace: '*', live: store.kind === 'cluster' }),
      where: isWholeFolder ? files.join(', ') : 'any namespace',
    }
  }
  const { view, notes, target } = await reach(session, store, { service })
  session.tell(notes)
  return {
    services: readTarget(view, target),
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
