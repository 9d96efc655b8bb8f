import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { ChangeSummary } from '../../../shared/view/history.ts'

/** What was written of a change that nobody finished, and what became of it. */
interface ShownRecovery {
  readonly change: ChangeSummary
  readonly outcome: 'complete' | 'none' | 'undone'
  readonly written: readonly string[]
  readonly left: readonly string[]
}

export const formatNotRecorded = (why: string): string =>
  `This change is not recorded, and undo cannot take it back: ${why}`

/** A wait before the next write. */
type ShownWaiting =
  | { readonly until: 'served' | 'drained' | 'pods'; readonly milliseconds: number }
  | {
      readonly until: 'ready'
      readonly milliseconds: number
      readonly lacking: readonly { readonly version: string; readonly pods: string }[]
    }

/** What an edit waits for, how long, and the flag that says so. */
export function formatWaiting(waiting: ShownWaiting): string {
  const seconds = `${waiting.milliseconds / 1000} s`
  switch (waiting.until) {
    case 'served':
      return `waiting ${seconds} for the proxies to receive the new subsets (--settle)`
    case 'pods':
      return `waiting ${seconds} for the nodes to send connections to the new pods (--settle)`
    case 'drained':
      return `waiting ${seconds} for requests to end before what served them is removed (--drain)`
    case 'ready': {
      const versions = waiting.lacking.map(({ version, pods }) => `${escaped(version)} (${escaped(pods)})`)
      return `waiting up to ${seconds} for a ready pod of ${versions.join(' and ')} (--ready-timeout)`
    }
  }
}

/** Somebody else is changing the same service. */
export const formatUnderWay = (change: ChangeSummary): string =>
  `waiting: ${escaped(change.service)} is being changed (${wordsOf(change)})`

/** What became of a change that was interrupted. */
export function formatRecovered({ change, outcome, written, left }: ShownRecovery): string {
  const what = `Revision ${change.revision} (${wordsOf(change)}) was interrupted`
  const others =
    left.length === 0 ? '' : ` Changed by others since, and left as they are: ${left.join(', ')}.`
  switch (outcome) {
    case 'complete':
      return `${what} after all objects were written: it is complete.${others}`
    case 'none':
      return `${what} before any object was written: its record is removed.${others}`
    case 'undone':
      return `${what} after ${written.join(', ')} was written: this is now undone.${others}`
  }
}

/** `v1 has been stable since 2026-08-01T12:00:00Z (promote v1, by alice)`. */
export const formatStableSince = ({
  version,
  change: { at, title, by },
  isFirst,
}: {
  readonly version: string
  readonly change: ChangeSummary
  readonly isFirst: boolean
}): string =>
  escaped(
    `${version} has been stable since ${at}${isFirst ? '' : ' or earlier'} (${title}${by === undefined ? '' : `, by ${by}`}).`,
  )

const wordsOf = ({ title, by, at }: ChangeSummary): string =>
  escaped(`${title}${by === undefined ? '' : `, by ${by}`} at ${at}`)
