import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Store } from '../../shared/view/store.ts'
import { readShownServices, type ShownScope, type ShownServices } from '../read/read-shown-services.ts'
import type { Session } from '../session.ts'
import { chosenReaders } from './chosen-readers.ts'

/** The shared beginning of the commands that show services: checks their flags, reads, and notes what is missing. */
export async function shownServices(
  session: Session,
  service: string | undefined,
  {
    meanwhile,
    ...also
  }: Pick<ShownScope, 'every' | 'also' | 'divided'> & {
    /** What is asked for beside the reading. */
    readonly meanwhile?: (store: Store) => void
  } = {},
): Promise<ShownServices> {
  checkFlags(session, service)
  const { allNamespaces, files, namespace, selects } = session.flags
  const store = await session.store()
  meanwhile?.(store)
  const shown = await readShownServices(store, {
    service,
    namespace,
    allNamespaces,
    files,
    selects,
    providers: chosenReaders(session),
    ...session.typed,
    ...also,
  })
  session.noteOnce(shown.notes)
  if (shown.services.length === 0)
    session.noteLine(`No ${also.every === true ? '' : 'routed '}services found in ${shown.where}.`)
  return shown
}

function checkFlags({ flags: { allNamespaces, selects } }: Session, service: string | undefined): void {
  if (selects !== undefined && service !== undefined)
    throw new CanaryError('usage', '--selector cannot be used with the name of a Service', {
      hints: ['Leave one of them out.'],
    })
  if (allNamespaces && service !== undefined)
    throw new CanaryError('usage', '--all-namespaces cannot be used with the name of a Service', {
      hints: ['For a Service in another namespace, write NAME.NAMESPACE.'],
    })
}
