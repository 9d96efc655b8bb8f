import { CanaryError } from '../shared/objects/canary-error.ts'
import { readTraffic } from '../shared/plan/read-traffic.ts'
import type { Traffic } from '../shared/routing/traffic.ts'
import type { Session } from './session.ts'
import { scopeOf, targetOf } from './target.ts'

/** The traffic that a reading command is about, notes already told: one service, those of the namespace, or with `-A` all. */
export async function readServices(session: Session, service: string | undefined): Promise<{ readonly services: readonly Traffic[]; readonly live: boolean }> {
  const { allNamespaces, files } = session.flags
  if (session.flags.dryRun !== 'none') throw new CanaryError('usage', 'nothing is written here, so --dry-run has no meaning', { hints: ['Leave it out.'] })
  if (allNamespaces && service !== undefined) throw new CanaryError('usage', '-A and --service exclude each other', { hints: ['Write --service NAME.NAMESPACE for a service in another namespace.'] })
  const store = await session.store()
  const target = targetOf(session, store, service)
  const { view, notes } = await store.read(allNamespaces ? { namespaces: '*' } : scopeOf(target))
  for (const note of notes) session.note(`note: ${note}`)
  const services = readTraffic(view, allNamespaces ? { namespace: '*' } : target)
  if (services.length === 0) session.note(`No routed services found in ${allNamespaces ? 'any namespace' : `namespace ${store.namespace}`}${files.length > 0 ? ` of ${files.join(', ')}` : ''}.`)
  return { services, live: store.kind === 'cluster' }
}
