import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { paintOf } from '../../print/colour.ts'
import { formatError } from '../../print/errors.ts'
import type { Session } from '../../session.ts'
import { Log } from './log.ts'
import type { Look, LookDisplay } from './look.ts'
import { Looks, type Paces } from './looks.ts'
import { Screen } from './screen.ts'

/** What is looked at again and again. */
interface Seen {
  readonly isData: boolean
  readonly read: () => Promise<Look>
  readonly paces: Partial<Paces>
}

/** Shows looks until it is interrupted. The first one that fails throws, the others are made again. */
export async function watchOn(session: Session, { isData, read, paces }: Seen): Promise<void> {
  const { stdout, env, interrupt } = session.streams
  const isInPlace = !isData && stdout.isTTY === true && env['TERM'] !== 'dumb'
  let look = await read()
  if (interrupt.aborted) return
  const shown: LookDisplay = isInPlace ? new Screen(session) : new Log(session, isData)
  // Before the program reacts to it, the terminal must be as it was.
  interrupt.addEventListener('abort', () => shown.close(), { once: true })
  const looks = new Looks(session, paces)
  try {
    for (let trouble: string | undefined; ;) {
      if (trouble === undefined) looks.follow(look.follow)
      shown.show(look, { every: looks.every, trouble })
      if (!(await looks.next(trouble === undefined ? look.within : looks.untilRetry))) return
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
