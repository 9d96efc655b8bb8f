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

/** A plan that is about to be carried out, and what is recorded of its service already. */
export interface Recordable {
  readonly plan: Plan & { readonly traffic: { readonly before: Traffic; readonly after: Traffic } }
  readonly view: ClusterView
  readonly earlier: readonly ChangeSummary[]
}

/** Others take a change for given up that has shown no sign of life for three times as long. */
export const heartbeatEvery = 2000

/**
 * Records a change around the work that makes it: the record is there before the work begins. Where it cannot
 * be written, the work is done without, and `onMissing` is told why.
 */
export async function recorded<T>(
  history: HistoryStore,
  { plan, view, earlier }: Recordable,
  {
    words,
    onMissing,
    work,
  }: {
    readonly words: RecordWords
    readonly onMissing: (why: string) => void
    readonly work: () => Promise<T>
  },
): Promise<T> {
  const { service, namespace } = plan.traffic.after
  const { command, reason, limit, now } = words
  const at = rfc3339(now)
  const owner = identityOf(view, { service, namespace })
  const open = await history.open({
    revision: (earlier.at(-1)?.revision ?? 0) + 1,
    service,
    namespace,
    title: plan.title,
    command,
    reason,
    at,
    heartbeat: at,
    stable: stableOf(plan.traffic.after),
    served: servedOf(plan.traffic.after),
    changes: plan.changes,
    owner,
    earlier,
  })
  if (typeof open === 'string') {
    onMissing(open)
    return work()
  }
  const done = await kept(open, work)
  await Promise.all([
    // A record that keeps its mark is found and closed by the next command.
    open.close(limit).catch(() => undefined),
    history.announce({ namespace, owner, command, at, title: plan.title }),
  ])
  return done
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
