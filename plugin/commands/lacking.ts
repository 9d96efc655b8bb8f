import { CanaryError } from '../../shared/objects/canary-error.ts'
import { quotedWords } from '../../shared/objects/text/kubectl-commands.ts'
import type { KnownVersions } from '../../shared/plan/known-versions.ts'
import type { Session } from '../session.ts'
import { chosenReaders } from './chosen-readers.ts'

/** A command that lacks a word: a version, or a share of one. */
export interface Lacking {
  /** What is wrong. */
  readonly message: string
  /** The Service that was named. */
  readonly service: string | undefined
  /** Which versions the word may name; by default all that are not stable. */
  readonly offers?: 'all' | 'canaries'
  /** The words after `kubectl canary` that make it whole. */
  readonly words: (service: string, version: string) => readonly string[]
  /** What replaces the names where they cannot be read. */
  readonly example: readonly [service: string, version: string]
}

/** Nobody waits long for an example. */
const patience = '2s'
/** So many examples are shown. */
const most = 10

/**
 * The usage error for a command that lacks a word, with the whole commands for the Services and versions that are
 * there; where they cannot be read, with an example.
 */
export async function lacking(session: Session, question: Lacking): Promise<CanaryError> {
  const { message, service, words, example } = question
  const command = (one: string, version: string): string =>
    `kubectl canary ${quotedWords([...words(one, version), ...session.flagWords])}`
  const known = await knownOrMeant(session, question)
  if (known instanceof CanaryError)
    return new CanaryError('usage', message, { hints: [sentence(known.message), ...known.hints] })
  const commands = known.flatMap(one => offered(one, question).map(version => command(one.service, version)))
  const [only] = commands
  const more = commands.length > most ? [`  and ${commands.length - most} more`] : []
  const hints =
    only === undefined
      ? [`For example: ${command(service ?? example[0], example[1])}`]
      : commands.length === 1
        ? [`For example: ${only}`]
        : ['Choose one:', ...commands.slice(0, most).map(text => `  ${text}`), ...more]
  return new CanaryError('usage', message, { hints })
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** A Service with one version has nothing to shift. */
function offered(
  { versions, stable }: KnownVersions,
  { offers = 'canaries', service }: Lacking,
): readonly string[] {
  if (offers === 'all') return versions
  if (versions.length < 2 && service === undefined) return []
  const canaries = versions.filter(version => !stable.includes(version))
  return canaries.length > 0 ? canaries : versions
}

/**
 * The versions that are there; those of the Services that have a version of the name that was taken for a Service.
 * The error where nothing has that name, and nothing where the names cannot be read.
 */
async function knownOrMeant(
  session: Session,
  { service }: Lacking,
): Promise<readonly KnownVersions[] | CanaryError> {
  try {
    return await knownOf(session, service)
  } catch (error) {
    const isGone = error instanceof CanaryError && error.code === 'not-found' && service !== undefined
    if (!isGone) return []
    const all = await knownOf(session, undefined).catch(() => [])
    const meant = all.filter(({ versions }) => versions.includes(service))
    return meant.length > 0 ? meant.map(one => ({ ...one, versions: [service], stable: [] })) : error
  }
}

async function knownOf(session: Session, service: string | undefined): Promise<readonly KnownVersions[]> {
  const { flags, providers } = session
  const { knownVersions } = await import('../../shared/plan/known-versions.ts')
  const { readForCommand } = await import('../read/read-for-command.ts')
  const { connection } = flags
  const store = await session.open({
    ...flags,
    connection: { ...connection, requestTimeout: connection.requestTimeout ?? patience },
  })
  const scope = { service, namespace: flags.namespace, command: '', providers }
  const { view, target } = await readForCommand(store, scope)
  return knownVersions(view, target, providers)
}

/**
 * The error for the name of a Service that is not there, with the one that may be meant: `v2 is a version of catalog`. Undefined
 * where it is there, and where nobody can tell.
 */
export async function missingService(
  session: Session,
  service: string | undefined,
): Promise<CanaryError | undefined> {
  if (service === undefined) return undefined
  const { flags, typed } = session
  const { findServices } = await import('../../shared/plan/find/find-service.ts')
  const { readForCommand } = await import('../read/read-for-command.ts')
  const providers = chosenReaders(session)
  const scope = { service, namespace: flags.namespace, providers, ...typed }
  try {
    const { view, target } = await readForCommand(await session.store(), scope)
    findServices({ view, providers }, target)
    return undefined
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    return error.code === 'not-found' ? error : undefined
  }
}
