/** A watch of Services on the fault server, with waits short enough for tests and a watchdog that only bites where a test asks for it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Change } from '../../../shared/view/change.ts'
import { LiveView } from '../../../shared/view/snapshot.ts'
import type { ReflectorOptions } from '../../../shared/live/watch/reflector-parts.ts'
import { startWatch, type Watch } from '../../../shared/live/watch/start-watch.ts'
import { systemTimers, type Timers } from '../../../shared/live/watch/stream/timers.ts'
import type { FaultServer } from './fault-server.ts'

/** How long the line may be silent unless a test says otherwise. */
const watchdogMs = 50_000

export interface Watching extends AsyncDisposable {
  readonly watch: Watch
  readonly problems: string[]
  readonly changes: Change[]
  names(): readonly string[]
  labelsOf(name: string): unknown
}

interface Choices extends Partial<ReflectorOptions> {
  readonly onChange?: (change: Change) => void
  readonly keep?: (object: KubeObject) => KubeObject | undefined
  /** Told of every pause; those of a minute and more are cut short. */
  readonly onWait?: (ms: number) => void
  readonly now?: () => number
}

export function watching(
  { connection }: Pick<FaultServer, 'connection'>,
  {
    onChange,
    keep = object => object,
    onWait = () => undefined,
    now = () => Date.now(),
    ...options
  }: Choices = {},
): Watching {
  const view = new LiveView()
  const problems: string[] = []
  const changes: Change[] = []
  const watch = startWatch({
    connection,
    kinds: ['Service'],
    view,
    keep,
    timers: { ...systemTimers, now, after: telling(onWait) },
    onChange: change => {
      changes.push(change)
      onChange?.(change)
    },
    onProblem: (_, error) => problems.push(String(error)),
    options: {
      idleMs: watchdogMs,
      compareMs: 3_600_000,
      backoff: { first: 1, longest: 4 },
      absent: { first: 1, longest: 4 },
      ...options,
    },
  })
  return {
    watch,
    problems,
    changes,
    names: () =>
      view
        .list('Service')
        .map(({ metadata }) => metadata.name)
        .sort(),
    labelsOf: name => view.get({ kind: 'Service', namespace: 'shop', name })?.metadata.labels,
    [Symbol.asyncDispose]: () => watch.stop(),
  }
}

/** Tells of every wait but the watchdog's, and makes long ones short. */
const telling =
  (onWait: (ms: number) => void): Timers['after'] =>
  (ms, callback) => {
    if (ms !== watchdogMs) onWait(ms)
    return systemTimers.after(ms > watchdogMs ? 1 : ms, callback)
  }

/** Waits until it is so; throws what it waited for after a minute and a half. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 90_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await sleep(2)
  }
}

/** Waits until the view holds these Services. */
export const untilNames = (watched: Watching, ...names: readonly string[]): Promise<void> =>
  until(
    `the view holds ${names.join(', ')} (it holds ${watched.names().join(', ')})`,
    () => watched.names().join() === [...names].sort().join(),
  )
