import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceOfHost } from '../../../shared/objects/hosts.ts'
import type { AskedRequest } from '../../../shared/trial/asked-request.ts'
import { namespacesOf } from '../../../shared/trial/caller.ts'
import { tryRequest, type Trial, type TrialWorld } from '../../../shared/trial/trial.ts'
import { inSession } from '../../../shared/view/session.ts'
import type { Reading, Store } from '../../../shared/view/store.ts'
import { commandNamespace } from '../../read/command-namespace.ts'
import { besideUnreadable } from '../../read/unreadable.ts'
import { readPermitted } from '../../read/read-permitted.ts'

/** What a reading is made a world with. */
export interface WorldWords extends Pick<TrialWorld, 'provider' | 'regex'> {
  /** As typed with --namespace. */
  readonly namespace?: string | undefined
  readonly command: string
  /** Edits come before the requests: each may be about the namespace. */
  readonly isEdited?: boolean
}

/** A world, and what could not be read of it. */
export interface ReadWorld extends TrialWorld {
  readonly reading: Reading
}

/**
 * Reads what requests depend on: the namespace of the command and those that the requests name; then, where a route
 * leads to a namespace that was not read, that one, too; and all of them where a request comes to nothing.
 */
export async function readWorld(
  store: Store,
  requests: readonly AskedRequest[],
  words: WorldWords,
): Promise<ReadWorld> {
  const read = new Set([store.namespace])
  let wanted = new Set([...read, ...requests.flatMap(namespacesOf), ...requests.flatMap(hostNamespace)])
  let world = worldOf(store, await readSome(store, wanted, read), { ...words, requests })
  while (world.reading.live) {
    const trials = requests.flatMap(request => triedIn(world, request))
    const missing = trials.flatMap(trial => namespacesReached(world, trial)).filter(name => !read.has(name))
    const isLost = trials.some(comesToNothing)
    if (missing.length === 0 && !isLost) return world
    if (missing.length === 0)
      return worldOf(store, await readPermitted(store, undefined), { ...words, requests })
    wanted = new Set([...read, ...missing])
    world = worldOf(store, await readSome(store, wanted, read), { ...words, requests })
  }
  return world
}

/** A caller that is not there is an error of its request, when it is tried. */
function triedIn(world: TrialWorld, request: AskedRequest): readonly Trial[] {
  try {
    return tryRequest(world, request)
  } catch (error) {
    if (error instanceof CanaryError) return []
    throw error
  }
}

/** Reads some namespaces; what a request only seems to name may be no namespace. */
async function readSome(store: Store, wanted: Set<string>, read: Set<string>): Promise<Reading> {
  try {
    const reading = await store.read({ namespaces: [...wanted] })
    for (const name of wanted) read.add(name)
    return reading
  } catch (error) {
    const isMissing = error instanceof CanaryError && error.code === 'not-found'
    if (!isMissing || wanted.size <= 1) throw error
    const reading = await store.read({ namespaces: [store.namespace] })
    // They are not asked for again.
    for (const name of wanted) read.add(name)
    return reading
  }
}

interface TriedWords extends WorldWords {
  readonly requests: readonly AskedRequest[]
}

function worldOf(store: Store, read: Reading, words: TriedWords): ReadWorld {
  const reading = besideUnreadable(read)
  const { provider, regex } = words
  return {
    view: inSession(reading.view),
    provider,
    regex,
    namespace: namespaceFor(store, reading, words),
    complete: reading.live,
    reading,
  }
}

/** The namespace of the command. Which of several in files it is matters only where a request depends on it. */
function namespaceFor(store: Store, reading: Reading, words: TriedWords): string {
  try {
    return commandNamespace(store, reading, words)
  } catch (error) {
    const isOpen = error instanceof CanaryError && error.code === 'ambiguous'
    const isNeeded =
      words.isEdited === true || !words.requests.every(one => namesItsCaller(reading, one, words))
    if (!isOpen || isNeeded) throw error
    return store.namespace
  }
}

/** Whether a request says its caller with the namespace, or comes in by a gateway and means nothing in the mesh. */
function namesItsCaller(
  { view }: Reading,
  { host, from, via }: AskedRequest,
  { provider }: WorldWords,
): boolean {
  if (via !== undefined) return via.includes('/')
  if (from !== undefined) return from.namespace !== undefined
  const namespaces = new Set(view.list('Service').map(({ metadata }) => metadata.namespace ?? ''))
  return (
    provider.gatewaysFor(view, host).length > 0
    && [...namespaces].every(namespace => provider.meantBy(view, host, namespace) === undefined)
  )
}

/** The namespace in `catalog.shop`, `catalog.shop.svc` and the host in full. */
function hostNamespace({ host }: AskedRequest): readonly string[] {
  const [, namespace, svc] = host.split('.')
  return namespace !== undefined && (svc === undefined || svc === 'svc') ? [namespace] : []
}

const namespacesReached = ({ view }: TrialWorld, { decision, caller }: Trial): readonly string[] => [
  caller.proxy.namespace,
  ...[...decision.destinations, ...decision.mirrors].flatMap(
    ({ host }) => serviceOfHost(host, view.mesh.clusterDomain)?.namespace ?? [],
  ),
]

const comesToNothing = ({ decision: { kind, isPassedThrough, reason } }: Trial): boolean =>
  isPassedThrough || (kind === 'none' && reason !== 'no-route')
