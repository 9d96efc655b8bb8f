import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { pino, type Logger } from 'pino'

/** Bytes of lines that may wait for whoever reads them. */
const mostWaiting = 1024 * 1024
/** Milliseconds that the last lines have to get out. */
const lastMs = 1_000

/** A log, and its end. */
export interface OpenLog {
  readonly log: Logger
  /**
   * Resolves when all is written that can be, and with false when a line is still being written, which may
   * last for ever; nothing is to be logged after it.
   * Never rejects.
   */
  readonly close: () => Promise<boolean>
}

/**
 * The log on standard output. Nothing ever waits for it, as everything would by pino's default: a reader who
 * stalls, has gone or has no room left costs
 * lines, of which `onLost` is told, but never a review.
 */
export function openLog(level: string, onLost: () => void): OpenLog {
  const lines = pino.destination({ dest: 1, sync: false, maxLength: mostWaiting })
  let isHungUp = false
  lines.on('drop', onLost)
  lines.on('error', (error: NodeJS.ErrnoException) => {
    // After this, pino writes nothing and ends nothing any more.
    if (error.code === 'EPIPE') isHungUp = true
    onLost()
  })
  return {
    log: pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines),
    close: async () => {
      if (isHungUp) return true
      const closed = once(lines, 'close').then(
        () => true,
        () => true,
      )
      lines.end()
      const isOut = await Promise.race([closed, pause(lastMs, false)])
      // What is not out by now would be tried for ever as the process ends.
      lines.destroy()
      return isOut
    },
  }
}
