import type { Session } from '../../session.ts'
import type { Look, LookDisplay, LookState } from './look.ts'

/** Looks one below the other, each where its text is new: in a pipe, and on a terminal that cannot draw. */
export class Log implements LookDisplay {
  readonly #session: Session
  readonly #isData: boolean
  /** The time for which looks are compared, so that a greater age is no difference. */
  readonly #begun: Date
  #before: string | undefined

  constructor(session: Session, isData: boolean) {
    this.#session = session
    this.#isData = isData
    this.#begun = session.streams.now()
  }

  show(look: Look, { trouble }: LookState): void {
    if (trouble !== undefined) return this.#session.noteLine(trouble)
    const text = look.text(this.#begun)
    if (text === this.#before) return
    const now = this.#session.streams.now()
    const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
    if (this.#isData) this.#session.say(look.text(now))
    else this.#session.say(`${this.#before === undefined ? '' : '\n'}${time}\n${look.text(now)}`)
    this.#before = text
  }

  close(): void {
    // What was written stays.
  }
}
