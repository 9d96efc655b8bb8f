import type { ChangeSummary } from '../../shared/view/history.ts'

/** The version that is stable now, and the change that made it so. */
export interface StableSince {
  readonly version: string
  readonly change: ChangeSummary
  /** False where it was stable before already, as far as the records go back. */
  readonly isFirst: boolean
}

/** Since when the version is stable that is stable after the last of the changes, the oldest first. */
export function sinceWhenStable(changes: readonly ChangeSummary[]): StableSince | undefined {
  const version = changes.at(-1)?.stable
  if (version === undefined) return undefined
  const before = changes.findLastIndex(({ stable }) => stable !== version)
  // What an abort goes back to was stable before it, and nothing says since when.
  if (before < 0 && /^kubectl canary abort\b/.test(changes[0]!.command)) return undefined
  return { version, change: changes[before + 1]!, isFirst: before >= 0 }
}
