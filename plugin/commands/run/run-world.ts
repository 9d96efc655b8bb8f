import type { Store } from '../../../shared/view/store.ts'
import { formatJudgedAll } from '../../print/findings.ts'
import { formatRunNotes } from '../../print/run/run-notes.ts'
import {
  formatNotRecorded,
  formatRecovered,
  formatUnderWay,
  formatWaiting,
} from '../../print/edits/progress.ts'
import type { EditProgress } from '../../edit/apply-edit.ts'
import type { RunWorld } from '../../run/routes.ts'
import type { Session } from '../../session.ts'
import { chosenProviders } from '../chosen-providers.ts'

/** The cluster of a session, as the edits of a run need it. */
export function worldOf(session: Session, store: Store): RunWorld {
  const { streams, flags } = session
  const { settle, drain, readyTimeout, historyLimit } = flags.writing
  return {
    store,
    providers: chosenProviders(session),
    writing: {
      dryRun: 'none',
      historyLimit,
      signal: streams.interrupt,
      write: work => session.hold(work),
      pace: { settle, drain, ready: readyTimeout, wait: milliseconds => streams.wait(milliseconds) },
    },
    now: () => streams.now(),
    report: progress => noteProgress(session, progress),
  }
}

/** What a person should know of an edit, once. */
function noteProgress(session: Session, progress: EditProgress): void {
  switch (progress.kind) {
    case 'read':
      return session.noteOnce(progress.notes)
    case 'planned':
      return session.noteOnce([...formatRunNotes(progress.plan.notes), ...formatJudgedAll(progress.warnings)])
    case 'not-recorded':
      return session.noteOnce([formatNotRecorded(progress.why)])
    case 'waiting':
      return session.noteLine(formatWaiting(progress.waiting))
    case 'under-way':
      return session.noteLine(formatUnderWay(progress.change))
    case 'recovered':
      return session.noteOnce([formatRecovered(progress.recovered)])
    case 'conflict':
      return session.noteLine(`${progress.error.message}; trying again`)
  }
}
