import { applyEdit, type AppliedEdit, type EditProgress } from '../edit/apply-edit.ts'
import type { Intent } from '../edit/intent.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { serviceWord } from '../../shared/objects/text/kubectl-commands.ts'
import { formatPath } from '../../shared/objects/paths.ts'
import { trafficsOf } from '../../shared/plan/plan.ts'
import type { PatchFormat } from '../words/patch-formats.ts'
import { peopleOf } from '../print/people.ts'
import { stoppedWhileDraining, type WriteOptions } from '../edit/write-plan.ts'
import { requireConfirmed } from '../edit/confirm.ts'
import { canBeForced } from '../edit/pre-flight.ts'
import { RunUnderController } from '../edit/controllers/run-under-controller.ts'
import { asShownFirst } from '../edit/controllers/shown-order.ts'
import { paintOf } from '../print/colour.ts'
import type { DataTemplate } from '../print/template/data-template.ts'
import { formatDiff } from '../print/diff.ts'
import { formatEdit, objectsAfter } from '../print/edits/edit.ts'
import { formatJudgedAll, refusal } from '../print/findings.ts'
import { fileWordsOf } from '../flags/argv.ts'
import { formatNotes } from '../print/notes.ts'
import {
  formatNotRecorded,
  formatRecovered,
  formatStableSince,
  formatUnderWay,
  formatWaiting,
} from '../print/edits/progress.ts'
import { formatObjects } from '../print/objects.ts'
import type { Note } from '../../shared/routing/note.ts'
import { sinceWhenStable } from '../read/since-when-stable.ts'
import type { Session } from '../session.ts'
import { dataOutputOf } from './output.ts'
import { wantsColour } from '../streams.ts'
import { byApiOfRun } from './run-orders/api-of-run.ts'

const formats = ['json', 'yaml', 'name'] as const
type Format = (typeof formats)[number] | DataTemplate

/** How a command runs its edit. */
interface EditStyle {
  /** Shows what would be done, and says how to do it. */
  readonly preview?: boolean
}

/** The shared end of every editing command: applies what is wanted, and prints what happened. */
export async function runEdit(
  session: Session,
  intent: Intent,
  { preview = false }: EditStyle = {},
): Promise<void> {
  if (session.takeIntent !== undefined) return session.takeIntent(intent)
  session.isEditing = true
  const { flags } = session
  const format = await formatOf(session)
  const { emitPatch } = flags.writing
  const edit = { intent, namespace: flags.namespace, fileWords: fileWordsOf(flags), ...session.typed }
  const store = await session.store()
  const options = {
    ...writeOptionsOf(session),
    ...((preview || emitPatch !== undefined) && { dryRun: 'client' as const }),
    withDiff: format === undefined && emitPatch === undefined && !preview,
    isPrinted: emitPatch !== undefined,
    check: asShownFirst(session.typed.command),
    report: (progress: EditProgress) => noteProgress(session, progress),
  }
  const isDryRun = preview || emitPatch !== undefined || flags.dryRun !== 'none'
  const applied = await byApiOfRun(session, intent, providers =>
    applyEdit(store, edit, { ...options, providers }),
  ).catch((error: unknown) => endOwned(session, error, { isDryRun, format }))
  if (applied === undefined) return
  requireAllowed(applied, intent)
  await tellRun(session, applied, { intent, isDryRun })
  await printApplied(session, applied, { intent, format })
  noteEnd(session, applied, preview)
}

async function printApplied(
  session: Session,
  applied: AppliedEdit,
  { intent, format }: { readonly intent: Intent; readonly format: Format | undefined },
): Promise<void> {
  const { emitPatch } = session.flags.writing
  if (intent.kind === 'abort') session.noteOnce(await stableSince(session, applied))
  if (emitPatch === undefined) await printEdit(session, applied, format)
  else await printPatches(session, applied, emitPatch)
}

/** An abort of a run whose routes a controller has taken over ends the run alone; throws any other error. */
async function endOwned(
  session: Session,
  error: unknown,
  style: { readonly isDryRun: boolean; readonly format: Format | undefined },
): Promise<undefined> {
  if (!(error instanceof RunUnderController)) throw error
  const { endOwnedRun } = await import('./run-orders/end-owned-run.ts')
  await endOwnedRun(session, error, style)
}

/** A run of the services in progress is ended by this edit, or would be. */
async function tellRun(
  session: Session,
  { plan, outcomes }: AppliedEdit,
  { intent, isDryRun }: { readonly intent: Intent; readonly isDryRun: boolean },
): Promise<void> {
  const { runs } = await session.store()
  if (runs === undefined) return
  // An abort ends a run also where nothing of it is written yet.
  if (outcomes.length === 0 && intent.kind !== 'abort') return
  const { endRun } = await import('./run-orders/end-run.ts')
  for (const traffic of trafficsOf(plan))
    session.noteOnce(
      await endRun(runs, traffic, {
        intent,
        now: session.streams.now(),
        isDryRun,
        provider: session.flags.provider,
      }),
    )
}

/** Throws what the rules refuse. */
function requireAllowed({ refused, live }: AppliedEdit, intent: Intent): void {
  if (refused.length === 0) return
  // On a cluster the webhook, where it is installed, denies what the rules refuse.
  throw refusal(refused, { offersForce: !live && 'force' in intent && refused.every(canBeForced) })
}

/** The format of `-o`; throws `usage` where a patch is to be printed as well. */
async function formatOf({ flags }: Session): Promise<Format | undefined> {
  const format = await dataOutputOf(flags.output, formats)
  if (flags.writing.emitPatch === undefined || format === undefined) return format
  throw new CanaryError('usage', '--emit-patch cannot be used with --output', {
    hints: ['Leave one of them out.'],
  })
}

const writeOptionsOf = (session: Session): WriteOptions => {
  const { flags, streams } = session
  const { reason, historyLimit, settle, drain, readyTimeout } = flags.writing
  return {
    dryRun: flags.dryRun,
    now: streams.now(),
    signal: streams.interrupt,
    write: work => session.hold(work),
    pace: { settle, drain, ready: readyTimeout, wait: milliseconds => streams.wait(milliseconds) },
    words: { command: `kubectl canary ${session.typed.command}`, reason, limit: historyLimit },
  }
}

/** What is still to be done by the person; throws where the edit was stopped before its end. */
function noteEnd(session: Session, applied: AppliedEdit, preview: boolean): void {
  const command = session.typed.command.replace(/ --dry-run(?:=\w+)?(?= |$)/, '')
  if (preview && applied.outcomes.length > 0)
    session.note(`nothing was changed; to apply this: kubectl canary ${command} --yes`)
  if (applied.stoppedDraining === true) throw stoppedWhileDraining(applied.plan)
  const { unconfirmed = [], plan } = applied
  const pending = unconfirmed.filter(({ confirmation: { state } }) => state === 'pending')
  session.noteOnce(
    pending.map(
      ({ ref }) => `${keyOf(ref)} is written; its controller has not said yet whether it carries it out.`,
    ),
  )
  const service = plan.traffic?.after
  requireConfirmed(
    unconfirmed,
    service === undefined
      ? 'kubectl canary undo'
      : `kubectl canary undo ${serviceWord(service.service)} -n ${service.namespace}`,
  )
}

/** Since when the version is stable to which an abort goes back, as far as the history tells. */
async function stableSince(session: Session, { plan }: AppliedEdit): Promise<readonly string[]> {
  const { history } = await session.store()
  if (history === undefined || plan.traffic === undefined) return []
  const { service, namespace } = plan.traffic.after
  const { changes } = await history.list({ service, namespace })
  const since = sinceWhenStable(changes)
  return since === undefined ? [] : [formatStableSince(since)]
}

function noteProgress(session: Session, progress: EditProgress): void {
  switch (progress.kind) {
    case 'read':
      session.noteOnce(progress.notes)
      break
    case 'planned':
      session.noteOnce([
        ...formatNotes(untold(progress), fileWordsOf(session.flags)),
        ...formatJudgedAll(progress.warnings),
      ])
      break
    case 'conflict':
      session.noteLine(`${progress.error.message}; trying again`)
      break
    case 'not-recorded':
      session.noteOnce([formatNotRecorded(progress.why)])
      break
    case 'waiting':
      session.note(formatWaiting(progress.waiting))
      break
    case 'under-way':
      session.note(formatUnderWay(progress.change))
      break
    case 'recovered':
      session.noteOnce([formatRecovered(progress.recovered)])
      break
  }
}

/** The notes of a plan without those that a finding on it says, with the fix. */
function untold({ plan, warnings }: Extract<EditProgress, { readonly kind: 'planned' }>): readonly Note[] {
  const found = new Set(
    warnings.flatMap(({ finding: { rule, ref, path } }) =>
      rule === 'unreachable-route' ? [`${keyOf(ref)} ${formatPath(path)}`] : [],
    ),
  )
  return plan.notes.filter(
    note => note.kind !== 'route-not-reached' || !found.has(`${keyOf(note.object)} ${note.place}`),
  )
}

/** The patch alone is the result; who gets what is said beside it. */
async function printPatches(session: Session, { plan }: AppliedEdit, format: PatchFormat): Promise<void> {
  const people = trafficsOf(plan).flatMap(({ after, before }) => peopleOf(after, before))
  if (people.length > 0) session.note(people.join('\n'))
  session.noteOnce((plan.order?.calls ?? []).map(({ command }) => `This is no patch, but a call: ${command}`))
  const { formatPatches } = await import('../print/edits/patches.ts')
  const store = await session.store()
  session.say(await formatPatches(plan.changes, format, store))
  session.note('nothing was written (--emit-patch)')
}

async function printEdit(session: Session, applied: AppliedEdit, format: Format | undefined): Promise<void> {
  const { flags, streams } = session
  session.noteOnce(applied.outcomes.flatMap(({ note }) => note ?? []))
  const text = formatEdit(applied, { withObjects: format === undefined })
  // Standard output belongs to the data asked for with -o, or to the edited documents of `-f -`.
  const isPiped = flags.files.includes('-') && flags.dryRun === 'none'
  if (format !== undefined || isPiped) session.note(text)
  else session.say(text)
  if (applied.diff !== undefined)
    session.say(formatDiff(applied.diff, paintOf(wantsColour(streams.stdout, streams.env))))
  if (format === undefined) return
  // The objects as they are now, also where nothing had to change: a script reads the same either way.
  session.say(await formatObjects(objectsAfter(applied), format))
  if (flags.dryRun !== 'none') session.note(`nothing was written (${flags.dryRun} dry run)`)
}
