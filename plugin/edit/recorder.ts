import { CanaryError } from '../../shared/objects/canary-error.ts'
import { versionsInUse } from '../../shared/plan/finish/in-use.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { countedShares, type Traffic } from '../../shared/routing/traffic.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { rfc3339 } from '../words/until.ts'
import type { ChangeSummary, HistoryStore, OpenRecord, ServiceIdentity } from '../../shared/view/history.ts'

/** What a record says besides the objects. */
export interface RecordWords {
  /** The whole command as it was typed. */
  readonly command: string
  readonly reason?: string | undefined
  /** How many changes of a service are kept. */
  readonly limit: number
  readonly now: Date
}

/** A plan that is about to be carried out, and what is recorded of its services already. */
export interface Recordable {
  readonly plan: Pick<Plan, 'title' | 'changes'>
  readonly view: ClusterView
  /** At least one. */
  readonly services: readonly RecordedService[]
}

/** A service as it is after the plan, and its recorded changes, the oldest first. */
interface RecordedService {
  readonly traffic: Traffic
  readonly earlier: readonly ChangeSummary[]
}

/** Others take a change for given up that has shown no sign of life for three times as long. */
export const heartbeatEvery = 2000

/** What is recorded, and the work around which it is. */
interface Recording<T> {
  readonly words: RecordWords
  readonly onMissing: (why: string) => void
  readonly work: () => Promise<T>
}

/**
 * Records a change around the work that makes it: the records of all its services are there before the work
 * begins. Where one cannot be written, the work is done without, and `onMissing` is told why.
 */
export async function recorded<T>(
  history: HistoryStore,
  recordable: Recordable,
  { words, onMissing, work }: Recording<T>,
): Promise<T> {
  const open = await openAll(history, recordable, words)
  if (typeof open === 'string') {
    onMissing(open)
    return work()
  }
  const done = await kept(open, work)
  const { plan, view, services } = recordable
  const { command, limit, now } = words
  await Promise.all([
    // A record that keeps its mark is found and closed by the next command.
    open.close(limit).catch(() => undefined),
    ...services.map(({ traffic: { service, namespace } }) =>
      history.announce({
        namespace,
        owner: identityOf(view, { service, namespace }),
        command,
        at: rfc3339(now),
        title: plan.title,
      }),
    ),
  ])
  return done
}

/**
 * The records of a change, one for each of its services, as one. A sentence says why one cannot be written: there
 * is none then. Throws a CanaryError `conflict` where somebody else has one of the revisions.
 */
async function openAll(
  history: HistoryStore,
  { plan: { title, changes }, view, services }: Recordable,
  { command, reason, now }: RecordWords,
): Promise<OpenRecord | string> {
  const at = rfc3339(now)
  const revisions = services.map(({ traffic: { service, namespace }, earlier }) => ({
    service,
    namespace,
    revision: (earlier.at(-1)?.revision ?? 0) + 1,
  }))
  const all: OpenRecord[] = []
  const discard = async (): Promise<void> => {
    for (const one of all.toReversed()) await one.discard()
  }
  for (const [i, { traffic, earlier }] of services.entries()) {
    const own = revisions[i]!
    const others = revisions.filter(other => other !== own)
    const open = await history
      .open({
        ...own,
        ...(all[0] === undefined ? {} : { id: all[0].id }),
        ...(others.length === 0 ? {} : { with: others }),
        title,
        command,
        reason,
        at,
        heartbeat: at,
        stable: stableOf(traffic),
        served: servedOf(traffic),
        changes,
        owner: identityOf(view, own),
        earlier,
      })
      .catch(async (error: unknown) => {
        await discard().catch(() => undefined)
        throw error
      })
    if (typeof open === 'string') {
      await discard()
      return open
    }
    all.push(open)
  }
  return together(all)
}

/** Several records of one change as one. */
function together(all: readonly OpenRecord[]): OpenRecord {
  const each = async (act: (one: OpenRecord) => Promise<void>): Promise<void> => {
    await Promise.all(all.map(act))
  }
  return {
    id: all[0]!.id,
    renew: () => each(one => one.renew()),
    close: limit => each(one => one.close(limit)),
    discard: () => each(one => one.discard()),
    expire: () => each(one => one.expire()),
  }
}

/** Does the work and renews the heartbeat meanwhile; where it fails, the error decides whether the record stays. */
async function kept<T>(open: OpenRecord, work: () => Promise<T>): Promise<T> {
  const beating = setInterval(() => void open.renew().catch(() => undefined), heartbeatEvery)
  beating.unref()
  try {
    return await work()
  } catch (error) {
    const settle = isUndecided(error) ? open.expire : open.discard
    await settle().catch(() => undefined)
    throw error
  } finally {
    clearInterval(beating)
  }
}

/** Whether it is not known what was written: a lost answer may have been a yes. */
const isUndecided = (error: unknown): boolean =>
  error instanceof CanaryError && ['half-written', 'unreachable', 'timeout'].includes(error.code)

function identityOf(
  view: ClusterView,
  { service: name, namespace }: { readonly service: string; readonly namespace: string },
): ServiceIdentity | undefined {
  const uid = view.get({ kind: 'Service', namespace, name })?.metadata.uid
  return uid === undefined ? undefined : { name, uid }
}

const servedOf = (traffic: Traffic): readonly string[] => {
  const inUse = versionsInUse(traffic)
  return inUse === 'any' ? traffic.versions.map(({ name }) => name) : [...inUse]
}

/** The version that is recorded as stable, else the one that takes every request of the service. */
export function stableOf(traffic: Traffic): string | undefined {
  if (traffic.stable !== undefined) return traffic.stable
  const taking = new Set(
    traffic.entryPoints.flatMap(point =>
      countedShares(point).flatMap(shares =>
        shares.filter(({ percent }) => percent > 0).map(({ version }) => version),
      ),
    ),
  )
  const [only] = taking
  return taking.size === 1 ? only : undefined
}
