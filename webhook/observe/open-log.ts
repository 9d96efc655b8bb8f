import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { pino, type Logger } from 'pino'
import { escaped } from '../../shared/objects/text/escaped.ts'

/** Bytes of lines that may wait to be written. */
const mostBufferedBytes = 1024 * 1024
/** Bytes of one write, and the milliseconds after which less is written: a write for each line costs more than a verdict. */
const writtenBytes = 15 * 1024
const writtenMs = 50
/** Milliseconds to write the last lines in. */
const flushMs = 1_000

/** A line of the log, in which no character of an object's values is hidden from its reader. */
const visible = (line: string): string => `${escaped(line.trimEnd())}\n`

/** A log that can be closed. */
export interface OpenLog {
  readonly log: Logger
  /**
   * Resolves with true when all lines are written or nobody can read them, and with false when a write is still
   * blocked; nothing may be logged after it. Never rejects.
   */
  readonly close: () => Promise<boolean>
}

/**
 * The log on standard output. No review ever waits for it, as it would by pino's default: where the reader is
 * slow, gone or out of disk space, lines are lost and `onLost` is called for each.
 */
export function openLog(level: string, onLost: () => void): OpenLog {
  const lines = pino.destination({
    dest: 1,
    sync: false,
    minLength: writtenBytes,
    periodicFlush: writtenMs,
    maxLength: mostBufferedBytes,
  })
  let isReaderGone = false
  lines.on('drop', onLost)
  lines.on('error', (error: NodeJS.ErrnoException) => {
    // After this error pino neither writes nor closes.
    if (error.code === 'EPIPE') isReaderGone = true
    onLost()
  })
  return {
    log: pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: visible } },
      lines,
    ),
    close: async () => {
      if (isReaderGone) return true
      const closed = once(lines, 'close').then(
        () => true,
        () => true,
      )
      lines.end()
      const isFlushed = await Promise.race([closed, pause(flushMs, false)])
      // Otherwise the rest is written again and again while the process ends.
      lines.destroy()
      return isFlushed
    },
  }
}
