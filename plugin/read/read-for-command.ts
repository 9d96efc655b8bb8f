import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Kind } from '../../shared/objects/kinds.ts'
import type { Target } from '../../shared/plan/intent.ts'
import { readers } from '../../shared/providers/readers.ts'
import type { RoutingReader } from '../../shared/routing/provider.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import { commandNamespace, namespaceIn } from './command-namespace.ts'
import { readPermitted } from './read-permitted.ts'
import { withoutMeshNote } from './without-mesh.ts'
import { besideUnreadable } from './unreadable.ts'

/** What the words of a command say about the objects that it needs. */
export interface CommandScope {
  /** As typed, by position or with --service. */
  readonly service?: string | undefined
  /** As typed with --namespace. */
  readonly namespace?: string | undefined
  /** The words of the command, for hints that repeat it with one more flag. */
  readonly command: string
  /** The routing APIs; all that there are when left out. */
  readonly providers?: readonly RoutingReader[] | undefined
  /** Where in it a Service by position goes. */
  readonly serviceAt?: number | undefined
  /** The flags that name the files, for commands in hints. */
  readonly fileWords?: string | undefined
  /** Namespaces that are read besides those of the command and its Service. */
  readonly beside?: readonly string[]
  /** All namespaces are meant, as far as they may be read. */
  readonly everywhere?: boolean
  /** Kinds that are read besides the usual ones. */
  readonly also?: readonly Kind[]
  /** Files are judged as the worlds that they are, so that an object may be in several. */
  readonly divided?: boolean
}

/** What a command is about, read: the view, what could not be read, and the Service meant. */
export interface CommandReading extends Reading {
  readonly target: Target
}

/**
 * Reads what an edit or a look at one service needs: the namespace of the command and that of the Service;
 * with `kinds` no others, where the store can choose.
 */
export async function readForCommand(
  store: Store,
  scope: CommandScope,
  kinds?: readonly Kind[],
): Promise<CommandReading> {
  const { service, command, serviceAt, fileWords, everywhere = false } = scope
  const said = { service, command, serviceAt, fileWords }
  if (everywhere) {
    const reading = withoutMeshNote(besideUnreadable(await readPermitted(store, undefined)))
    return { ...reading, target: { ...said, namespace: '*', live: reading.live } }
  }
  const { reading: read, named } = await readNamed(store, scope, kinds)
  const reading = withoutMeshNote(besideUnreadable(read))
  const namespace = named ?? commandNamespace(store, reading, scope)
  return { ...reading, target: { ...said, namespace, live: reading.live } }
}

/**
 * The reading, and the namespace in the Service's name. `example.com` may be a ServiceEntry's host, and no
 * Service in a namespace com.
 */
async function readNamed(
  store: Store,
  { service, providers = readers, also, divided, beside = [] }: CommandScope,
  kinds: readonly Kind[] | undefined,
): Promise<{ readonly reading: Reading; readonly named?: string | undefined }> {
  const named = service === undefined ? undefined : namespaceIn(service)
  const readIn = (namespaces: readonly string[]): Promise<Reading> =>
    store.read({
      namespaces: [...new Set(namespaces)],
      ...(kinds && { kinds }),
      ...(also && { also }),
      ...(divided && { divided }),
    })
  const own = [store.namespace, ...beside]
  if (named === undefined) return { reading: await readIn(own) }
  try {
    return { reading: await readIn([...own, named]), named }
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found') throw error
    const reading = await readIn(own)
    const isHost = providers.some(provider => provider.externalHosts(reading.view).includes(service ?? ''))
    if (isHost) return { reading }
    throw error
  }
}
