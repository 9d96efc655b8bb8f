import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Reading, Scope, Store } from '../../shared/view/store.ts'

/** What was read, and whether it is all that the cluster has. */
export interface PermittedReading extends Reading {
  readonly isWhole: boolean
}

/**
 * Reads all namespaces, because routes lead from one to another. Who may not do that gets the one that is asked
 * about, or where all are, those that may be read, with a note; what is there is then judged as if others had more.
 * Throws a CanaryError `forbidden` where no namespace may be read.
 */
export async function readPermitted(
  store: Store,
  namespace: string | undefined,
  asked: Pick<Scope, 'also' | 'divided'> = {},
): Promise<PermittedReading> {
  try {
    return { ...(await store.read({ namespaces: '*', ...asked })), isWhole: true }
  } catch (error) {
    if (!isForbidden(error)) throw error
    const names = namespace === undefined ? await permittedNamespaces(store) : [namespace]
    if (names.length === 0) throw error
    const reading = await store.read({ namespaces: names, ...asked })
    if (namespace !== undefined)
      return {
        ...reading,
        notes:
          reading.notes.length > 0
            ? reading.notes
            : [`No permission to read all namespaces: objects outside ${namespace} were not checked.`],
        isWhole: false,
      }
    const note = `${error.message}; only ${names.length === 1 ? 'namespace' : 'namespaces'} ${listed(names)} ${names.length === 1 ? 'was' : 'were'} read.`
    // What says the same of each kind adds nothing to it.
    const others = reading.notes.filter(text => !text.startsWith('No permission to '))
    return { ...reading, notes: [note, ...others], isWhole: false }
  }
}

const isForbidden = (error: unknown): error is CanaryError =>
  error instanceof CanaryError && error.code === 'forbidden'

/** So many namespaces are asked for at once. */
const atOnce = 8
/** So many names are in a sentence. */
const most = 5

const listed = (names: readonly string[]): string =>
  names.length > most
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} more`
    : names.join(', ')

/**
 * The namespaces whose routes and Services may be read: of those that may be listed, else of the one that the
 * kubeconfig or -n names.
 */
async function permittedNamespaces(store: Store): Promise<readonly string[]> {
  const names = await namespacesOf(store)
  const permitted: string[] = []
  for (let i = 0; i < names.length; i += atOnce) {
    const some = names.slice(i, i + atOnce)
    const may = await Promise.all(some.map(name => mayRead(store, name)))
    permitted.push(...some.filter((_, j) => may[j]))
  }
  return permitted
}

async function namespacesOf(store: Store): Promise<readonly string[]> {
  const { view } = await store.read({ namespaces: '*', kinds: ['Namespace'] })
  const names = view.list('Namespace').map(({ metadata }) => metadata.name)
  return names.length > 0 ? names.toSorted() : [store.namespace]
}

async function mayRead(store: Store, name: string): Promise<boolean> {
  try {
    await store.read({ namespaces: [name], kinds: ['VirtualService', 'Service'] })
    return true
  } catch (error) {
    if (isForbidden(error)) return false
    throw error
  }
}
