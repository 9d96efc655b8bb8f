import type { Session } from '../../session.ts'
import type { Look } from './look.ts'
import type { Paces } from './looks.ts'

/** What is shown, and how often. */
export interface Watched extends Partial<Paces> {
  readonly watch: boolean
  /** The text is for a program (`-o json`): nothing is added to it. */
  readonly isData: boolean
  readonly read: () => Promise<Look>
}

/**
 * Shows a look, with `watch` again whenever something has changed: in place on a terminal; in a pipe, or as data, as a
 * new text, for people with the time above it. A look that fails later on is made again; the first one throws.
 */
export async function show(session: Session, { watch, isData, read, ...paces }: Watched): Promise<void> {
  if (!watch) return session.say((await read()).text(session.streams.now()))
  const { watchOn } = await import('./watch-on.ts')
  return watchOn(session, { isData, read, paces })
}
