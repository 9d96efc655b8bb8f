import type { Session } from '../../session.ts'
import { linesOf } from '../../streams.ts'

/** What a person answers before a step. */
export type StepAnswer = 'go' | 'undo' | 'quit'

/** Asks whether to do something; where nobody can answer, it is done. */
export type AskPerson = (what: string, canUndo: boolean) => Promise<StepAnswer>

/** Asks where a person sits at a terminal. Where the input ends, so does the demo. */
export function questions(session: Session): AskPerson {
  const { stdin, stdout, stderr } = session.streams
  if (stdin.isTTY !== true || stdout.isTTY !== true) return async () => 'go'
  const lines = linesOf(stdin)
  return async (what, canUndo) => {
    for (;;) {
      stderr.write(`[Enter] ${what}${canUndo ? '   [u] undo the last step' : ''}   [q] quit: `)
      const { value, done } = await lines.next()
      const typed = String(value ?? '')
        .trim()
        .toLowerCase()
      if (done === true || typed === 'q') return 'quit'
      if (typed === '') return 'go'
      if (typed === 'u' && canUndo) return 'undo'
    }
  }
}
