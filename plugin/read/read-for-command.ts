import { CanaryError } from '../../shared/objects/canary-error.ts'
import { namespaceOf, type Kind } from '../../shared/objects/kube-object.ts'
import type { Target } from '../../shared/plan/intent.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import { quoteWords } from '../flags/argv.ts'
import type { Session } from '../session.ts'

/** What a command is about, read: the view, what could not be read, and the Service meant. */
export interface Reached extends Reading {
  readonly target: Target
}

/** The Service that was named, and the kinds that matter where these are not all. */
export interface Asked {
  readonly service: string | undefined
  readonly kinds?: readonly Kind[]
}

/** Reads what an edit or a look at one service needs: its namespace, and that of the request. */
export async function reach(session: Session, store: Store, { service, kinds }: Asked): Promise<Reached> {
  checkService(service)
  const { reading, named } = await readNamed(store, service, kinds)
  const namespace = named ?? requestNamespace(session, store, reading)
  return {
    ...reading,
    target: {
      service,
      namespace,
      command: quoteWords(session.argv),
      live: reading.live,
    },
  }
}

/**
 * The reading, and the namespace that the Service's name says. `example.com` may be a ServiceEntry's host,
 * and no Service in a namespace com.
 */
async function readNamed(
  store: Store,
  service: string | undefined,
  kinds: readonly Kind[] | undefined,
): Promise<{ readonly reading: Reading; readonly named?: string | undefined }> {
  const named = service === undefined ? undefined : namespaceIn(service)
  const readIn = (namespaces: readonly string[]): Promise<Reading> =>
    store.read({ namespaces: [...new Set(namespaces)], ...(kinds && { kinds }) })
  const own = [store.namespace]
  if (named === undefined) return { reading: await readIn(own) }
  try {
    return { reading: await readIn([...own, named]), named }
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found') throw error
    const reading = await readIn(own)
    if (reading.view.list('ServiceEntry').some(({ spec }) => spec.hosts?.includes(service ?? '') === true))
      return { reading }
    throw error
  }
}

/**
 * The namespace of the request. Files say it themselves: who names a folder and no namespace means what is in
 * the folder. Throws `ambiguous`
 * where they speak of several.
 */
function requestNamespace({ flags, argv }: Session, store: Store, { view, live }: Reading): string {
  if (live || flags.namespace !== undefined) return store.namespace
  const [only, ...others] = fileNamespaces(view)
  if (only === undefined || (others.length > 0 && [only, ...others].includes(store.namespace)))
    return store.namespace
  if (others.length === 0) return only
  throw new CanaryError(
    'ambiguous',
    `the files speak of several namespaces: ${[only, ...others].join(', ')}`,
    {
      hints: [
        'Name the one you mean:',
        ...[only, ...others].map(namespace => `  kubectl canary ${quoteWords([...argv, '-n', namespace])}`),
      ],
    },
  )
}

/** The namespaces that files speak of: of the Services, else of the ServiceEntries and routes. */
export function fileNamespaces(view: ClusterView): readonly string[] {
  const services = view.list('Service')
  const objects =
    services.length > 0
      ? services
      : [...view.list('ServiceEntry'), ...view.list('VirtualService'), ...view.list('DestinationRule')]
  return [...new Set(objects.map(namespaceOf))].toSorted()
}

/** The namespace in `catalog.shop` and `catalog.shop.svc.cluster.local`; other names with dots are hosts. */
function namespaceIn(service: string): string | undefined {
  const [, namespace, kind] = service.replace(/\.$/, '').split('.')
  return kind === undefined || kind === 'svc' ? namespace : undefined
}

function checkService(service: string | undefined): void {
  if (
    service === undefined
    || /^((svc|services?)\/)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\.?$/.test(
      service,
    )
  )
    return
  throw new CanaryError('usage', `"${service}" is no name of a Service`, {
    hints: ['It is NAME, or NAME.NAMESPACE for one in another namespace, or the host of a ServiceEntry.'],
  })
}
