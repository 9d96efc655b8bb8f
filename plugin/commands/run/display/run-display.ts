import type { RolloutNews } from '../../../../shared/rollout/rollout-news.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import { paintOf } from '../../../print/colour.ts'
import { formatRunScreen } from '../../../print/run/run-screen.ts'
import type { Session } from '../../../session.ts'
import { columnsOf, wantsAscii, wantsColour } from '../../../streams.ts'
import { Screen } from '../../watch/screen.ts'

/** Where the news of a run are shown. */
export interface RunDisplay {
  show(news: RolloutNews, record: RolloutRecord): void
  close(): void
}

/** The run drawn in place on a terminal; the last picture stays when it ends. */
export function screen(session: Session): RunDisplay {
  const { stdout, env } = session.streams
  const shown = new Screen(session)
  const paint = paintOf(wantsColour(stdout, env))
  return {
    show: (news: RolloutNews, record: RolloutRecord) => {
      if (news.kind === 'note') session.note(news.text)
      const text = (now: Date): string =>
        formatRunScreen(record, { now, paint, columns: columnsOf(stdout), ascii: wantsAscii(env) })
      shown.show(
        { text },
        { every: undefined, trouble: news.kind === 'trouble' ? `${news.why}; trying again` : undefined },
      )
    },
    close: () => shown.close(),
  }
}
