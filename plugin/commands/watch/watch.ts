import { formatError } from '../../print/errors.ts'
import { paintOf } from '../../print/colour.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Session } from '../../session.ts'
import type { Look, LookDisplay } from './look.ts'
import { Log } from './log.ts'
import { Looks, type Paces } from './looks.ts'
import { Screen } from './screen.ts'

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
  const { stdout, env, interrupt } = session.streams
  if (!watch) return session.say((await read()).text(session.streams.now()))
  const isInPlace = !isData && stdout.isTTY === true && env['TERM'] !== 'dumb'
  let look = await read()
  const shown: LookDisplay = isInPlace ? new Screen(session) : new Log(session, isData)
  // Before the program reacts to it, the terminal must be as it was.
  interrupt.addEventListener('abort', () => shown.close(), { once: true })
  const looks = new Looks(session, paces)
  try {
    for (let trouble: string | undefined; ;) {
      if (trouble === undefined) looks.follow(look.follow)
      shown.show(look, { every: looks.every, trouble })
      if (!(await looks.next())) return
      trouble = undefined
      try {
        look = await read()
      } catch (error) {
        if (interrupt.aborted || !(error instanceof CanaryError)) throw error
        trouble = formatError(error, paintOf(false))
      }
    }
  } finally {
    looks.stop()
    shown.close()
  }
}
