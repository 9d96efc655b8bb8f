import type { World } from '../plugin/run-command.ts'

/** Somebody at a terminal who answers each question with the next line. */
export const answering = (...lines: readonly string[]): World => ({
  isTTY: true,
  stdin: Object.assign(
    (async function* () {
      for (const line of lines) yield `${line}\n`
    })(),
    { isTTY: true },
  ),
})
