import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { abort } from './abort.ts'
import { cleanup } from './history/cleanup.ts'
import { cohort } from './cohort/cohort.ts'
import { cohorts } from './cohort/cohorts.ts'
import { completion } from './completion/completion.ts'
import { demo } from './demo/demo.ts'
import { doctor } from './doctor/doctor.ts'
import { history } from './history/history.ts'
import { init } from './init.ts'
import { list } from './list.ts'
import { lint } from './lint/lint.ts'
import { mirror } from './mirror/mirror.ts'
import { promote } from './promote.ts'
import { pause, resume } from './run-orders/pause.ts'
import { retry } from './run-orders/retry.ts'
import { run } from './run/run.ts'
import { wait } from './run-orders/wait.ts'
import { rules } from './rules/rules.ts'
import { status } from './status/status.ts'
import { tryCommand } from './try/try.ts'
import { undo } from './history/undo.ts'
import { version } from './version.ts'
import { weight } from './weight.ts'

/** Adds a command to the program; its action gets everything from the session. */
export type Register = (program: Command, session: Session) => void

interface Group {
  readonly heading: string
  /** Each under the name that it registers. */
  readonly registrations: Readonly<Record<string, Register>>
}

/** Every command, as the help groups them. */
export const commands: readonly Group[] = [
  {
    heading: 'Change traffic:',
    registrations: { init, cohort, weight, mirror, promote, abort, undo, cleanup },
  },
  {
    heading: 'Show and check traffic:',
    registrations: { list, status, doctor, try: tryCommand, cohorts, history, lint, rules },
  },
  { heading: 'Deliver a version:', registrations: { run, pause, resume, retry, wait } },
  { heading: 'Other commands:', registrations: { demo, completion, version } },
]

/**
 * The commands that occur among the words typed; all where none does, as for help. To declare a command that
 * nobody asks for costs about half a millisecond.
 */
export function commandsFor(words: readonly string[]): readonly Group[] {
  const typed = new Set(words)
  const named = commands
    .map(({ heading, registrations }) => ({
      heading,
      registrations: Object.fromEntries(Object.entries(registrations).filter(([name]) => typed.has(name))),
    }))
    .filter(({ registrations }) => Object.keys(registrations).length > 0)
  return named.length === 0 || typed.has('help') ? commands : named
}
