import { CanaryError } from '../../shared/objects/canary-error.ts'
import { versionServices } from '../../shared/plan/controllers/controlled-versions.ts'
import { readEveryService, readServices } from '../../shared/plan/read-services.ts'
import type { ServiceReading } from '../../shared/routing/provider.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import type { LabelTest } from '../words/selector.ts'
import { readForCommand, type CommandScope } from './read-for-command.ts'
import { readPermitted } from './read-permitted.ts'
import { withoutMeshNote } from './without-mesh.ts'
import { besideUnreadable } from './unreadable.ts'

/** Where a command that shows services looks for them. */
export interface ShownScope extends CommandScope {
  readonly allNamespaces: boolean
  /** Files and folders as typed; none for the cluster. */
  readonly files: readonly string[]
  /** Which of the Services, by their labels; all where it is left out. */
  readonly selects?: LabelTest | undefined
  /** Every service is meant where none is named, and not the routed ones alone. */
  readonly every?: boolean
}

/** The services that a command shows, and where it looked. */
export interface ShownServices extends Reading {
  readonly services: readonly ServiceReading[]
  /** The same services in another view; none where the one that was named is not in it. */
  readonly readIn: (view: ClusterView) => readonly ServiceReading[]
  /** `*` where it looked in all. */
  readonly namespace: string
  /** A few words: `namespace shop of k8s/`. */
  readonly where: string
}

/**
 * The traffic that a command shows: of the Service that was named, else of the routed services of the
 * namespace; of all namespaces where that was asked, or where files were named and no namespace.
 */
export async function readShownServices(store: Store, scope: ShownScope): Promise<ShownServices> {
  const shown = await readAllServices(store, scope)
  const { selects } = scope
  if (selects === undefined) return shown
  const isMeant = isSelected(selects)
  return {
    ...shown,
    services: shown.services.filter(isMeant),
    readIn: view => shown.readIn(view).filter(isMeant),
    where: `${shown.where} with these labels`,
  }
}

/**
 * Whether a service has labels that are selected; one without a Service has none. Where its versions are Services,
 * the labels of one of them are enough.
 */
export const isSelected =
  (selects: LabelTest) =>
  ({ view, service }: Pick<ServiceReading, 'view' | 'service'>): boolean =>
    [service, ...versionServices(service)].some(({ namespace, name }) =>
      selects(view.get({ kind: 'Service', namespace, name })?.metadata.labels ?? {}),
    )

async function readAllServices(store: Store, scope: ShownScope): Promise<ShownServices> {
  const { allNamespaces, files, namespace, service, providers, every = false, also, divided } = scope
  const readMeant = every ? readEveryService : readServices
  const named = files.map(placeNamed).join(', ')
  const isWholeFolder = isOfWholeFolder({ files, namespace, service })
  if (allNamespaces || isWholeFolder) {
    const all = { ...(also && { also }), ...(divided && { divided }) }
    const reading = withoutMeshNote(besideUnreadable(await readPermitted(store, undefined, all)))
    const readIn = (view: ClusterView) => readMeant(view, { namespace: '*', live: reading.live }, providers)
    return {
      ...reading,
      namespace: '*',
      services: readIn(reading.view),
      readIn,
      where: isWholeFolder ? named : 'any namespace',
    }
  }
  const { target, ...reading } = await readForCommand(store, scope)
  return {
    ...reading,
    namespace: target.namespace,
    services: readMeant(reading.view, target, providers),
    readIn: view => whereFound(() => readMeant(view, target, providers)),
    where: `namespace ${target.namespace}${files.length > 0 ? ` of ${named}` : ''}`,
  }
}

/** What is read, or nothing where the service that was named is not there. */
function whereFound(read: () => readonly ServiceReading[]): readonly ServiceReading[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof CanaryError && error.code === 'not-found') return []
    throw error
  }
}

/** Whether files were named, and nothing that chooses among what is in them. */
export const isOfWholeFolder = ({
  files,
  namespace,
  service,
}: Pick<ShownScope, 'files' | 'namespace' | 'service'>): boolean =>
  files.length > 0 && namespace === undefined && service === undefined

/** Where files are, as a sentence can end with it. */
function placeNamed(file: string): string {
  if (file === '-') return 'standard input'
  const path = file.replace(/(?<=.)\/+$/, '')
  return path === '.' ? 'the current folder' : path.endsWith('.') ? `"${path}"` : path
}
