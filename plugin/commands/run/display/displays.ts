import { paintOf } from '../../../print/colour.ts'
import { formatRunEvent } from '../../../print/run/run-json.ts'
import { formatRunNews } from '../../../print/run/run-lines.ts'
import type { Session } from '../../../session.ts'
import type { RunDisplay } from './run-display.ts'
import { wantsColour } from '../../../streams.ts'

/** One line below the other, each with the time; a question that waits for an answer is asked again below them. */
export function lines(
  session: Session,
  now = () => session.streams.now(),
  open: () => string | undefined = () => undefined,
): RunDisplay {
  const { streams } = session
  const paint = paintOf(wantsColour(streams.stdout, streams.env))
  return {
    show: (news, record) => {
      const text = formatRunNews(news, record, { at: now(), paint }).join('\n')
      const question = open()
      if (question !== undefined) streams.stderr.write('\n')
      if (news.kind === 'trouble' || news.kind === 'note') session.note(text)
      else session.say(text)
      if (question !== undefined) streams.stderr.write(question)
    },
    close: () => undefined,
  }
}

/** In place on a terminal that can draw, unless questions are asked on it; else one line below the other. */
export async function forPeople(
  session: Session,
  { asks, open }: { readonly asks: boolean; readonly open: () => string | undefined },
): Promise<RunDisplay> {
  const { stdout, env } = session.streams
  if (asks || stdout.isTTY !== true || env['TERM'] === 'dumb') return lines(session, undefined, open)
  const { screen } = await import('./run-display.ts')
  return screen(session)
}

/** One JSON object per line. */
export const jsonLines = (session: Session, now = () => session.streams.now()): RunDisplay => ({
  show: (news, record) => session.say(formatRunEvent(news, record, now())),
  close: () => undefined,
})
