import { forTerminal, paintOf, type Paint } from '../../print/colour.ts'
import { cutLine, inAscii, wrap } from '../../print/status/fit.ts'
import { widthOf } from '../../print/table.ts'
import type { Session } from '../../session.ts'
import { columnsOf, wantsAscii, wantsColour } from '../../streams.ts'
import type { Look, LookDisplay, LookState } from './look.ts'

const escape = '\u001b['
/** The other screen of a terminal, without a cursor; what was on the first one stays there. */
const enter = `${escape}?1049h${escape}?25l`
const leave = `${escape}?25h${escape}?1049l`
const home = `${escape}H`
const endOfLine = `${escape}K`
const endOfScreen = `${escape}J`
/** Terminals that know them show a frame when it is whole. */
const beginFrame = `${escape}?2026h`
const endFrame = `${escape}?2026l`

/** The milliseconds between two drawings, because ages grow. */
const tick = 1000

/** A look, and when it was made. */
interface Drawn {
  readonly look: Look
  readonly state: LookState
  readonly at: Date
}

/** Looks drawn one over the other, each frame in one write; the last one stays when it ends. */
export class Screen implements LookDisplay {
  readonly #session: Session
  readonly #paint: Paint
  readonly #ascii: boolean
  readonly #notes: string[] = []
  readonly #ends: (() => void)[] = []
  #drawn = ''
  #last: Drawn | undefined
  #isOpen = true

  constructor(session: Session) {
    this.#session = session
    const { stdout, env } = session.streams
    this.#paint = paintOf(wantsColour(stdout, env))
    this.#ascii = wantsAscii(env)
    session.takeNote = text => this.#notes.push(text)
    stdout.write(enter)
    const timer = setInterval(() => this.#draw(), tick)
    const redraw = (): void => {
      this.#drawn = ''
      this.#draw()
    }
    this.#ends.push(() => clearInterval(timer), stdout.onResize?.(redraw) ?? (() => undefined))
  }

  show(look: Look, state: LookState): void {
    const at = state.trouble === undefined || this.#last === undefined ? this.#now() : this.#last.at
    this.#last = { look, state, at }
    this.#draw()
  }

  /** Restores the terminal, with the last look on it; later calls do nothing. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const end of this.#ends) end()
    this.#session.takeNote = undefined
    const text = this.#last?.look.text(this.#now()) ?? ''
    this.#session.streams.stdout.write(`${leave}${text === '' ? '' : `${forTerminal(text.trimEnd())}\n`}`)
    for (const note of this.#notes) this.#session.note(note)
  }

  #now(): Date {
    return this.#session.streams.now()
  }

  #draw(): void {
    if (!this.#isOpen || this.#last === undefined) return
    const { stdout } = this.#session.streams
    const lines = this.#lines(this.#last)
    const frame = this.#fitting(lines)
      .map(line => forTerminal(line) + endOfLine)
      .join('\n')
    if (frame === this.#drawn) return
    this.#drawn = frame
    stdout.write(`${beginFrame}${home}${frame}${endOfScreen}${endFrame}`)
  }

  #lines({ look, state: { every, trouble }, at }: Drawn): readonly string[] {
    const { dim, red } = this.#paint
    const canvas = { columns: columnsOf(this.#session.streams.stdout) }
    const how = every === undefined ? 'shows changes as they come' : `looks every ${every / 1000} s`
    const head = trouble === undefined ? how : 'not up to date'
    const notes = this.#notes.flatMap(note => wrap(note.trimEnd(), canvas).split('\n'))
    return [
      dim(`${at.toTimeString().slice(0, 8)}  ${head}; Ctrl-C ends`),
      ...(trouble === undefined
        ? []
        : trouble
            .trimEnd()
            .split('\n')
            .flatMap(line => wrap(line, canvas).split('\n'))
            .map(red)),
      ...look.text(this.#now()).trimEnd().split('\n'),
      ...(notes.length === 0 ? [] : ['', ...notes]),
    ]
  }

  /** What the terminal has room for, each line cut at its edge, and how many more lines there are. */
  #fitting(lines: readonly string[]): readonly string[] {
    const { stdout } = this.#session.streams
    const columns = columnsOf(stdout) ?? 80
    const rows = stdout.rows || 24
    const kept = lines.length <= rows ? lines : lines.slice(0, Math.max(1, rows - 1))
    const rest = lines.length - kept.length
    const more = `… ${rest} more lines: enlarge the terminal to see them`
    return [...kept, ...(rest === 0 ? [] : [this.#ascii ? inAscii(more) : more])].map(line =>
      widthOf(line) <= columns ? line : `${cutLine(line, columns - 1)}${this.#ascii ? '>' : '…'}`,
    )
  }
}
