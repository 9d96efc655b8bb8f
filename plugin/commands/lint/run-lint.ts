import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { describedForLint } from '../../../shared/rules/described.ts'
import { introduced, lintView, type Judge } from '../../../shared/rules/introduced.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { inSession } from '../../../shared/view/session.ts'
import type { FileWorld, Sources } from '../../../shared/view/sources.ts'
import type { Store } from '../../../shared/view/store.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { dataOutputOf } from '../output.ts'
import { judgeWorlds } from './judge-worlds.ts'
import { weighingOf, type LintFlags, type Weighing } from './lint-flags.ts'
import { lintReportOf, objectsOf } from './lint-report-of.ts'
import { applied } from '../../read/applied.ts'
import { readPermitted } from '../../read/read-permitted.ts'
import { Selection } from './selected.ts'
import { sentTooLate } from './sent-too-late.ts'
import { inSteadyYoungGeneration } from './young-generation.ts'
import { paintOf } from '../../print/colour.ts'
import { formatLintGithub } from '../../print/report/github.ts'
import { formatLintJson, lintDataOf } from '../../print/report/json.ts'
import { formatLintJunit } from '../../print/report/junit.ts'
import { formatCounts, mergedReport, type LintReport } from '../../print/report/lint-report.ts'
import { formatLintSarif } from '../../print/report/sarif.ts'
import { formatLintText } from '../../print/report/text.ts'
import { isDataTemplate, type DataTemplate } from '../../print/template/data-template.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { checkRegexWith } from '../../words/regex.ts'

const formats = ['json', 'sarif', 'junit', 'github'] as const

/** Checks what the flags name and prints the findings; an error makes the exit code 3. */
export async function runLint(session: Session, flags: LintFlags): Promise<void> {
  const format = await dataOutputOf(session.flags.output, formats)
  const hasFiles = session.flags.files.length > 0 || session.flags.kustomization !== undefined
  if (!hasFiles && (flags.withCluster === true || flags.complete === true)) {
    const flag = flags.withCluster === true ? 'with-cluster' : 'complete'
    throw new CanaryError('usage', `--${flag} can only be used with --filename`, {
      hints: ['Name the files with -f.'],
    })
  }
  const report = await (!hasFiles
    ? lintCluster(session, flags)
    : flags.withCluster === true
      ? lintOverCluster(session, flags)
      : lintFiles(session, flags))
  await printReport(session, report, format)
  if (report.findings.some(({ severity }) => severity === 'error')) session.exitCode = 3
}

/** The rules, with the regex checker and the time that they need. */
const judgeBy = async (
  { streams }: Session,
  complete: boolean,
  { relativeWeights = false }: LintFlags,
): Promise<Judge> => ({
  rules: catalogue,
  settings: {
    complete,
    relativeWeights,
    re2Fault: await checkRegexWith(),
    now: streams.now().getTime(),
  },
})

/** What is loaded is loaded first, with its compiled code. */
async function lintFiles(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const store = await session.store()
  const judge = await judgeBy(session, flags.complete === true, flags)
  return inSteadyYoungGeneration(() => lintStore(session, store, { judge, weighing }))
}

async function lintStore(
  session: Session,
  store: Store,
  { judge: { rules, settings }, weighing }: { readonly judge: Judge; readonly weighing: Weighing },
): Promise<LintReport> {
  const { worlds: divide, notes, sources } = await store.read({ namespaces: '*', divided: true })
  noteAll(session, notes)
  const { worlds: divided, notes: ofWorlds } = await divide!()
  const worlds = divided.map(derivedOnce)
  noteAll(session, otherKinds(worlds[0]?.sources ?? sources!))
  const judge: Judge = { rules, settings: { ...settings, folder: true } }
  const judged = judgeWorlds(judge, worlds)
  const late = new Set(worlds.flatMap(({ views, sources }) => sentTooLate(views[0]!(), sources)))
  noteAll(session, [...ofWorlds, ...late])
  const selection = selectionOf(session)
  const report = mergedReport(
    judged.map(({ world, view, findings, objects }) =>
      lintReportOf(findings, {
        ...judge,
        view,
        objects: objectsOf(snapshot(objects), catalogue),
        isMeant: selection.in(view),
        weighing,
        sources: world.sources,
        fileWords: fileWordsOf(session.flags),
      }),
    ),
    ofWorlds,
  )
  noteAll(session, selection.notes)
  return report
}

/** The world with views of which everything is derived once: files do not change while they are judged. */
function derivedOnce(world: FileWorld): FileWorld {
  const views = world.views.map(view => {
    let known: ClusterView | undefined
    return () => (known ??= inSession(view()))
  })
  return { ...world, views }
}

/** Other namespaces are read too, because routes lead there; their objects are checked only with `-A`. */
async function lintCluster(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const store = await session.store()
  const namespace = session.flags.allNamespaces ? undefined : store.namespace
  const { view, notes, isWhole } = await readPermitted(store, namespace)
  noteAll(session, notes)
  const judge = await judgeBy(session, isWhole, flags)
  const findings = lintView(judge, view, namespace)
  const selection = selectionOf(session)
  const isMeant = selection.in(view)
  noteAll(session, selection.notes)
  return lintReportOf(findings, {
    ...judge,
    view,
    objects: objectsOf(view, catalogue, namespace),
    isMeant,
    weighing,
  })
}

const selectionOf = ({ flags, providers }: Session): Selection => new Selection(flags.selects, providers)

/**
 * Only what the files would break, in the files or not: a DestinationRule in a file may break a route that is
 * in none.
 */
async function lintOverCluster(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const cluster = await session.open({ ...session.flags, files: [], kustomization: undefined })
  const files = await session.open({
    ...session.flags,
    namespace: session.flags.namespace ?? cluster.namespace,
  })
  const scope = { namespaces: '*' } as const
  const [live, laid] = [await cluster.read(scope), await files.read({ ...scope, divided: true })]
  noteAll(session, [...live.notes, ...laid.notes])
  if (laid.sources !== undefined) noteAll(session, otherKinds(laid.sources))
  const { worlds, notes } = await laid.worlds!()
  noteAll(session, notes)
  const judge = await judgeBy(session, true, flags)
  const selection = selectionOf(session)
  const report = mergedReport(
    worlds.map(({ objects, sources }) => {
      const changes = objects.map(object => applied(live.view.get(refOf(object)), object))
      const view = overlay(live.view, changes)
      return lintReportOf(introduced(judge, live.view, changes), {
        ...judge,
        view,
        isMeant: selection.in(view),
        objects: objectsOf(snapshot(objects), catalogue),
        changed: objects,
        weighing,
        sources,
      })
    }),
    notes,
  )
  noteAll(session, selection.notes)
  return report
}

/** The documents of kinds that lint does not read, a line for each file. */
const otherKinds = ({ skipped, count }: Sources): readonly string[] =>
  [
    ...Map.groupBy(
      // Where nothing else is there, one note has said so.
      skipped.filter(({ why }) => count > 0 && why === 'other-kind'),
      ({ file }) => file,
    ),
  ].map(([file, found]) => `${file}: skipped: ${[...new Set(found.map(({ reason }) => reason))].join(', ')}`)

function noteAll(session: Session, notes: readonly string[]): void {
  for (const note of notes) session.note(note)
}

async function printReport(
  session: Session,
  report: LintReport,
  format: (typeof formats)[number] | DataTemplate | undefined,
): Promise<void> {
  const { streams } = session
  if (format !== undefined && isDataTemplate(format)) {
    const { formatTemplate } = await import('../../print/template/format-template.ts')
    const data = lintDataOf(report)
    session.say(formatTemplate(data, data.findings, format))
  } else if (format === 'json') session.say(formatLintJson(report))
  else if (format === 'junit') session.say(formatLintJunit(report))
  else if (format === 'github') session.say(formatLintGithub(report))
  else if (format === 'sarif') {
    const {
      default: { version },
    } = await import('../../../package.json', { with: { type: 'json' } })
    session.say(formatLintSarif(report, { version, rules: describedForLint(catalogue) }))
  } else {
    session.say(formatLintText(report, paintOf(wantsColour(streams.stdout, streams.env))))
    session.note(`lint: ${formatCounts(report.findings)}`)
  }
}
