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
    session.noteLine(
      [
        `No ${also.every === true ? '' : 'routed '}services found in ${shown.where}.`,
        ...waysOn(session, { namespace: shown.namespace, isRouted: also.every !== true }),
      ].join('\n  '),
    )
  return shown
}

/** Where else to look, and how to have a routed service. */
function waysOn(
  { flags: { selects, files }, typed }: Session,
  { namespace, isRouted }: { readonly namespace: string; readonly isRouted: boolean },
): readonly string[] {
  const [verb] = typed.command.split(' ')
  return [
    ...(namespace === '*' || files.length > 0
      ? []
      : [`To look in all namespaces: kubectl canary ${verb} -A`]),
    ...(selects === undefined && isRouted
      ? [
          `To route one: kubectl canary init ${typedAs('SERVICE', namespace, files)} --stable VERSION${inPlace(namespace)}`,
        ]
      : []),
  ]
}

/** A Service as it can be typed where services of all namespaces are shown. */
export const typedAs = (service: string, namespace: string, files: readonly string[]): string =>
  namespace === '*' && files.length === 0 ? `${service}.NAMESPACE` : service

/** The flag for the namespace that is shown, with a blank before it; empty where all are. */
export const inPlace = (namespace: string): string => (namespace === '*' ? '' : ` -n ${namespace}`)

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
