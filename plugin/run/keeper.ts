import { CanaryError } from '../../shared/objects/canary-error.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { isOver, type RolloutState } from '../../shared/rollout/rollout-state.ts'
import type { KeptRun, RunAnnouncement, RunStore } from '../../shared/view/runs/run-store.ts'

/** Another process works on the run now, or its record was deleted. */
export class RunTaken extends Error {
  /** The Lease that is not there any more. */
  readonly gone: string | undefined

  constructor(message: string, gone?: string) {
    super(message)
    this.gone = gone
  }
}

/** So often a sign of life is given, in milliseconds. */
export const renewEvery = 5000
/** A process whose sign of life has not changed for this long is gone; no two clocks are compared. */
export const goneAfter = 20_000
/** So often a write is made again at once where somebody else wrote first. */
const attempts = 8

/** One process's hold on a run: it alone writes its progress, and sees what others order. */
export class RunKeeper {
  readonly #store: RunStore
  readonly #holder: string
  #run: KeptRun
  #record: RolloutRecord
  #renewed = performance.now()
  #turn: Promise<unknown> = Promise.resolve()
  #beating: NodeJS.Timeout | undefined

  constructor(store: RunStore, { run, record, holder }: Held) {
    this.#store = store
    this.#holder = holder
    this.#run = run
    this.#record = record
  }

  /** The run as it was last seen. */
  get record(): RolloutRecord {
    return this.#record
  }

  /** Gives signs of life from now on, also while an edit or a query takes long. */
  beat(): void {
    this.#beating ??= setInterval(() => void this.look().catch(() => undefined), renewEvery)
    this.#beating.unref()
  }

  /** Writes how far it is, with what others ordered meanwhile. Throws `RunTaken` where another process has it. */
  save(state: RolloutState): Promise<RolloutRecord> {
    return this.#inTurn(() => this.#save(state))
  }

  /** Looks what others ordered, and gives a sign of life where one is due. */
  look(): Promise<RolloutRecord> {
    return this.#inTurn(async () => {
      await this.#readAgain()
      const isDue = performance.now() - this.#renewed >= renewEvery
      if (isDue && !isOver(this.#record.state)) await this.#save(this.#record.state)
      return this.#record
    })
  }

  /** Tells those who look at the Service; never fails. */
  announce(news: RunAnnouncement): Promise<void> {
    return this.#store.announce(this.#run, news)
  }

  /** Stops renewing the Lease; if the run has not ended, another process may continue immediately. */
  async release(): Promise<void> {
    clearInterval(this.#beating)
    await this.#inTurn(async () => {
      if (isOver(this.#record.state)) return
      await this.#readAgain()
      this.#run = await this.#store.replace(this.#run, { text: formatRecord(this.#record) })
    })
  }

  /** One request after the other: a sign of life must not write an older state over a newer one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #save(state: RolloutState): Promise<RolloutRecord> {
    for (let attempt = 1; ; attempt++) {
      const record = { ...this.#record, state: ordered(state, this.#record.state) }
      const holder = isOver(record.state) ? undefined : this.#holder
      try {
        this.#run = await this.#store.replace(this.#run, { text: formatRecord(record), holder })
        this.#renewed = performance.now()
        this.#record = record
        return record
      } catch (error) {
        if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
        await this.#readAgain()
      }
    }
  }

  async #readAgain(): Promise<void> {
    const run = await this.#store.get(this.#record)
    const record = run === undefined ? undefined : recordIn(run)
    if (run === undefined) throw new RunTaken('it is gone', `Lease ${this.#run.namespace}/${this.#run.name}`)
    if (record?.id !== this.#record.id) throw new RunTaken('another run was begun')
    if (run.holder !== this.#holder && !isOver(record.state)) throw new RunTaken('another process has it')
    this.#run = run
    this.#record = { ...this.#record, state: ordered(this.#record.state, record.state) }
  }
}

/** A run that was begun or taken over by this process. */
export interface Held {
  readonly run: KeptRun
  readonly record: RolloutRecord
  /** Of this process alone. */
  readonly holder: string
}

/** Our progress with the orders of others: who pauses it, and who ended it. */
function ordered({ paused: _, ...mine }: RolloutState, theirs: RolloutState): RolloutState {
  if (isOver(theirs)) return theirs
  return { ...mine, ...(theirs.paused !== undefined && { paused: theirs.paused }) }
}
