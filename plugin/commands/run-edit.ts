import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import type { Target } from '../../shared/plan/intent.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { merged } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Store } from '../../shared/view/store.ts'
import { outputOf } from '../flags/global-flags.ts'
import { preFlight } from '../edit/pre-flight.ts'
import { paintOf } from '../print/colour.ts'
import { formatDiff } from '../print/diff.ts'
import { formatJson, formatName, formatYaml, listOf } from '../print/objects.ts'
import { formatOutcome } from '../print/outcomes.ts'
import { peopleOf } from '../print/people.ts'
import type { Session } from '../session.ts'
import { wantsColour } from '../streams.ts'
import { reach } from '../read/read-for-command.ts'

/** What an editing command wants done; the plan is made anew when the objects change meanwhile. */
export interface Edit {
  readonly service?: string | undefined
  readonly plan: (view: ClusterView, target: Target) => Plan
  /** A person insists where callers lose the service. */
  readonly force?: boolean
}

const formats = ['json', 'yaml', 'name'] as const
type Format = (typeof formats)[number]

/**
 * How often a command plans again because somebody else wrote first; a person who loses five times should
 * look what is going on.
 */
const attempts = 5

/**
 * The shared end of every editing command: read, plan, judge, write; then say what happens to people, and
 * what became of the objects.
 */
export async function carryOut(session: Session, edit: Edit): Promise<void> {
  session.isEditing = true
  const format = checkFlags(session)
  const store = await session.store()
  for (let attempt = 1; ; attempt++) {
    const decided = await decide(session, store, edit)
    try {
      return await finish(session, store, { ...decided, format })
    } catch (error) {
      if (!(error instanceof CanaryError) || error.code !== 'conflict' || attempt === attempts) throw error
      session.note(`${error.message}; reading and planning again`)
      await new Promise(resolve => setTimeout(resolve, attempt * 50))
    }
  }
}

interface Decided {
  readonly plan: Plan
  readonly namespace: string
}

/** Everything before the first write. */
async function decide(session: Session, store: Store, edit: Edit): Promise<Decided> {
  const { target, ...reading } = await reach(session, store, { service: edit.service })
  session.tell(reading.notes)
  const plan = edit.plan(reading.view, target)
  const flight = { changes: plan.changes, now: session.streams.now(), force: edit.force === true }
  session.tell([...plan.notes, ...(await preFlight(reading, flight))])
  return { plan, namespace: target.namespace }
}

async function finish(
  session: Session,
  store: Store,
  { plan, namespace, format }: Decided & { readonly format: Format | undefined },
): Promise<void> {
  const { dryRun } = session.flags
  const changes = merged(plan.changes)
  const diff =
    dryRun === 'client' && format === undefined && changes.length > 0 ? await store.diff(changes) : ''
  const outcomes = await session.hold(() => store.apply(changes, { dryRun }))
  session.tell(outcomes.flatMap(({ note }) => note ?? []))
  // Not before: what could not be written happens to nobody.
  talk(session, format, plan.traffic === undefined ? [] : peopleOf(plan.traffic.after))
  const changed = outcomes.filter(({ action }) => action !== 'unchanged')
  if (changed.length === 0) talk(session, format, ['nothing to change: it is so already'])
  else if (format === undefined)
    talk(
      session,
      format,
      outcomes.map(outcome => formatOutcome(outcome, namespace)),
    )
  if (diff !== '')
    session.say(formatDiff(diff, paintOf(wantsColour(session.streams.stdout, session.streams.env))))
  if (format !== undefined) session.say(await formatResult(format, plan.objects))
  if (format !== undefined && dryRun !== 'none') session.note(`nothing was written (${dryRun} dry run)`)
}

/** The objects as they are now, also where nothing had to change: a script reads the same either way. */
async function formatResult(format: Format, objects: readonly KubeObject[]): Promise<string> {
  if (format === 'name') return objects.map(object => formatName(refOf(object))).join('\n')
  return format === 'json' ? formatJson(listOf(objects)) : formatYaml(listOf(objects))
}

/** Words for people: on stdout where that is theirs, on stderr where stdout carries documents or data. */
function talk(session: Session, format: Format | undefined, lines: readonly string[]): void {
  const text = lines.join('\n')
  if (format !== undefined || isPiped(session)) session.note(text)
  else session.say(text)
}

/** `-f -`: stdout carries the edited documents. */
const isPiped = ({ flags }: Session): boolean => flags.files.includes('-') && flags.dryRun === 'none'

function checkFlags(session: Session): Format | undefined {
  const { flags } = session
  if (flags.allNamespaces)
    throw new CanaryError('usage', 'an edit is about one namespace, and -A means all', {
      hints: ['Name it with -n NAMESPACE or --service NAME.NAMESPACE.'],
    })
  return outputOf(flags.output, formats)
}
