import { setTimeout as sleep } from 'node:timers/promises'
import { paintOf } from '../print/colour.ts'
import { widthOf } from '../print/table.ts'
import type { Session } from '../session.ts'
import { wantsColour, type Output } from '../streams.ts'

/** How often `-w` looks again; a person cannot follow more, and the API server should not notice. */
const watchEvery = 2000

/** What is shown, and how often. */
export interface Watched {
  readonly watch: boolean
  /** The text is for a program (`-o json`): nothing is added to it. */
  readonly isData: boolean
  readonly read: () => Promise<string>
  /** Milliseconds between two looks. */
  readonly every?: number
}

/**
 * Shows a text, with `watch` again and again: in place on a terminal; in a pipe, or as data, whenever it changes,
 * a text for people with the time above it.
 */
export async function show(
  session: Session,
  { watch, isData, read, every = watchEvery }: Watched,
): Promise<void> {
  if (!watch) return session.say(await read())
  const isInPlace = !isData && session.streams.stdout.isTTY === true
  const draw = isInPlace ? drawingInPlace(session, every) : appending(session, isData)
  do draw(await read())
  while (await pause(session, every))
}

type Draw = (text: string) => void

function appending(session: Session, isData: boolean): Draw {
  let before: string | undefined
  return text => {
    if (text === before) return
    const time = session.streams
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
    if (isData) session.say(text)
    else session.say(`${before === undefined ? '' : '\n'}${time}\n${text}`)
    before = text
  }
}

/** Each text is written over the one before; notes that came in between stay where they are. */
function drawingInPlace(session: Session, every: number): Draw {
  const { stdout } = session.streams
  const { dim } = paintOf(wantsColour(stdout, session.streams.env))
  let drawn: { readonly height: number; readonly notes: number } | undefined
  return text => {
    const time = session.streams.now().toTimeString().slice(0, 8)
    const lines = [
      dim(`${time}, every ${every / 1000} s; Ctrl-C ends`),
      ...text.replace(/\n$/, '').split('\n'),
    ]
    const shown = fitting(lines, stdout)
    const isOver = drawn !== undefined && drawn.notes === session.notes
    const back = isOver ? `${escape}[${drawn!.height}F${escape}[J` : ''
    session.say(back + shown.join('\n'))
    drawn = { height: heightOf(shown, stdout), notes: session.notes }
  }
}

const escape = '\u001b'

/** The lines that the terminal has room for: the cursor cannot go back to what has scrolled away. */
function fitting(lines: readonly string[], output: Output): readonly string[] {
  const room = (output.rows ?? 24) - 1
  if (heightOf(lines, output) <= room) return lines
  const kept = lines.slice(0, room - 1)
  while (heightOf(kept, output) > room - 1) kept.pop()
  return [...kept, `… ${lines.length - kept.length} more lines: enlarge the terminal to see them`]
}

const heightOf = (lines: readonly string[], { columns = 80 }: Output): number =>
  lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)

async function pause({ streams: { interrupt, stdout } }: Session, every: number): Promise<boolean> {
  await sleep(every, undefined, { signal: interrupt }).catch(() => undefined)
  return !interrupt.aborted && stdout.closed !== true
}
