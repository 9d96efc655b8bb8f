import { shellWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { paintOf } from '../../print/colour.ts'
import type { Session } from '../../session.ts'
import { linesOf, wantsColour } from '../../streams.ts'
import { DemoFolder, type DemoTexts } from './demo-folder.ts'
import { demoSteps, type DemoStep } from './demo-steps.ts'

/** What a person answers before a step. */
type Answer = 'go' | 'undo' | 'quit'

/** Makes the folder and goes through the steps. At a terminal each waits for a person; elsewhere they follow each other. */
export async function runDemo(session: Session, path: string): Promise<void> {
  const folder = await DemoFolder.make(path)
  session.say(`The folder ${path} has the manifests of a catalog and its versions v1 and v2.`)
  session.say('\n')
  const ask = questions(session)
  const before: DemoTexts[] = []
  while (before.length < demoSteps.length) {
    const at = before.length
    const step = demoSteps[at]!
    show(session, { step, at, path })
    const answer = await ask(at > 0)
    if (answer === 'quit') break
    if (answer === 'go') {
      before.push(await folder.read())
      await play(session, folder, step)
    } else {
      await folder.write(before.pop()!)
      session.say(`Step ${at} is undone: the files are as before it.`)
      session.say('\n')
    }
  }
  session.say(endText(path))
}

interface Shown {
  readonly step: DemoStep
  readonly at: number
  readonly path: string
}

function show(session: Session, { step: { why, slip, words }, at, path }: Shown): void {
  const { streams } = session
  const { bold, dim } = paintOf(wantsColour(streams.stdout, streams.env))
  session.say(dim(`# ${at + 1} of ${demoSteps.length}: ${why}`))
  if (slip !== undefined)
    session.say(
      bold(`$ sed -i ${shellWord(`s/${slip.from}/${slip.to}/`)} ${shellWord(`${path}/${slip.file}`)}`),
    )
  session.say(bold(`$ kubectl canary ${[...words, '-f', path].map(shellWord).join(' ')}`))
}

async function play(session: Session, folder: DemoFolder, { slip, words, exit }: DemoStep): Promise<void> {
  if (slip !== undefined && !(await folder.slip(slip)))
    session.note(`note: ${slip.file} has no "${slip.from}" any more: it is unchanged`)
  const code = await session.runAlso([...words, '-f', folder.path])
  if (code !== 0) session.note(`(exit code ${code})`)
  if (code !== exit)
    session.note(
      `note: the exit code is ${exit} where the files are as the demo left them; u takes the step back`,
    )
  session.say('\n')
}

/** Asks before each step where a person sits at a terminal. Where the input ends, so does the demo. */
function questions(session: Session): (canUndo: boolean) => Promise<Answer> {
  const { stdin, stdout, stderr } = session.streams
  if (stdin.isTTY !== true || stdout.isTTY !== true) return async () => 'go'
  const lines = linesOf(stdin)
  return async canUndo => {
    for (;;) {
      stderr.write(`[Enter] run it${canUndo ? '   [u] undo the last step' : ''}   [q] quit: `)
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

const endText = (path: string): string =>
  [
    `The files are in ${path}: edit them, and try other commands with -f ${shellWord(path)}.`,
    `Remove them with rm -r ${shellWord(path)}.`,
    'On your cluster, kubectl canary list -A shows what there is, and kubectl canary doctor what a canary lacks. Both change nothing.',
  ].join('\n')
