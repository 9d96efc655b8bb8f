import { shellWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { paintOf } from '../../print/colour.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import type { AskPerson } from './ask.ts'
import type { DemoPlace } from './demo-place.ts'
import type { DemoStep } from './demo-steps.ts'

/** Goes through the steps. At a terminal each waits for a person; elsewhere they follow each other. */
export async function runDemo(session: Session, place: DemoPlace, ask: AskPerson): Promise<void> {
  session.say(`${place.begin}\n\n`)
  const back: (() => Promise<string>)[] = []
  while (back.length < place.steps.length) {
    const at = back.length
    const step = place.steps[at]!
    await show(session, place, at)
    const answer = await ask('run it', at > 0)
    if (answer === 'quit') break
    if (answer === 'go') {
      back.push(await place.remember())
      await play(session, place, step)
    } else {
      session.say(`Step ${at} is undone: ${await back.pop()!()}.\n\n`)
    }
  }
  session.say(await place.end())
}

async function show(session: Session, place: DemoPlace, at: number): Promise<void> {
  const { streams } = session
  const { bold, dim } = paintOf(wantsColour(streams.stdout, streams.env))
  const { why, slip, words } = place.steps[at]!
  session.say(dim(`# ${at + 1} of ${place.steps.length}: ${why}`))
  if (slip !== undefined) session.say(bold(`$ ${await place.slipCommand(slip)}`))
  session.say(bold(`$ kubectl canary ${words.map(shellWord).join(' ')}${place.shown}`))
}

async function play(session: Session, place: DemoPlace, { slip, words, exit }: DemoStep): Promise<void> {
  const problem = slip === undefined ? undefined : await place.slip(slip)
  if (problem !== undefined) session.note(`note: ${problem}`)
  const code = await session.runAlso([...words, ...place.words])
  if (code !== 0) session.note(`(exit code ${code})`)
  if (code !== exit && problem === undefined)
    session.note(
      `note: the exit code is ${exit} where everything is as the demo left it; u takes the step back`,
    )
  session.say('\n')
}
