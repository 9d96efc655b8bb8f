import type { Command } from 'commander'
import type { ManifestStore } from '../../../shared/manifests/open-manifests.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { kinds, refOf } from '../../../shared/objects/kinds.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { describedRules } from '../../../shared/rules/described.ts'
import { introduced, lintView, type Judge } from '../../../shared/rules/introduced.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { outputOf } from '../../flags/global-flags.ts'
import { meshOf, weighingOf, type LintFlags } from '../../lint/lint-flags.ts'
import { lintReportOf, objectsOf } from '../../lint/lint-report-of.ts'
import { paintOf } from '../../print/colour.ts'
import { formatLintGithub } from '../../print/report/github.ts'
import { formatLintJson } from '../../print/report/json.ts'
import { formatLintJunit } from '../../print/report/junit.ts'
import { formatCounts, type LintReport } from '../../print/report/lint-report.ts'
import { formatLintSarif } from '../../print/report/sarif.ts'
import { formatLintText } from '../../print/report/text.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { checkRegexWith } from '../../words/regex.ts'

const formats = ['json', 'sarif', 'junit', 'github'] as const
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const description = 'Judges Istio’s routing by what Istio will do with it. With -f no cluster is asked. '
  + 'Exits 0 when there is no error (warnings are allowed), 3 when there is one.'
const examples = `
Examples:
  kubectl canary lint -f k8s/
  helm template . | kubectl canary lint -f - --complete
  kubectl canary lint -f k8s/ --with-cluster
  kubectl canary lint -A -o sarif > lint.sarif`

/** `lint`: the webhook's rules over files or a standing cluster. Exits 3 with an error-level finding. */
export function lint(program: Command, session: Session): void {
  program.command('lint')
    .summary("the webhook's rules over files, offline, or over the cluster")
    .description(description)
    .option('--complete', 'these files are the whole world: what is not in them does not exist')
    .option('--with-cluster', 'lay the files over the live cluster and say what applying them would break')
    .option('--severity <level>', 'the lightest to show: error, warning or info; or RULE=LEVEL to weigh a rule otherwise (repeatable)', collect, [])
    .option('--disable <rule>', 'a rule to leave out (repeatable, or several with commas)', collect, [])
    .option('--relative-weights', 'accept any positive sum of weights, as Istio does')
    .option('--root-namespace <name>', 'the mesh’s root namespace (else what the istio ConfigMap says, else istio-system)')
    .option('--cluster-domain <domain>', 'the cluster’s DNS domain (else cluster.local)')
    .option('--default-export-to <list>', 'the mesh’s default exportTo, like . or destination-rule=. (repeatable)', collect, [])
    .addHelpText('after', examples)
    .action((flags: LintFlags) => runLint(session, flags))
}

async function runLint(session: Session, flags: LintFlags): Promise<void> {
  const format = outputOf(session.flags.output, formats)
  const hasFiles = session.flags.files.length > 0
  if (!hasFiles && (flags.withCluster === true || flags.complete === true)) {
    const flag = flags.withCluster === true ? 'with-cluster' : 'complete'
    throw new CanaryError('usage', `--${flag} is about files, and none were named`, { hints: ['Name them with -f.'] })
  }
  const report = await (!hasFiles ? lintCluster(session, flags) : flags.withCluster === true ? lintOverCluster(session, flags) : lintFiles(session, flags))
  await sayReport(session, report, format)
  if (report.findings.some(({ severity }) => severity === 'error')) session.exitCode = 3
}

/** The rules with what they need of packages. */
const judgeBy = async (complete: boolean, { relativeWeights = false }: LintFlags): Promise<Judge> =>
  ({ rules: catalogue, settings: { complete, relativeWeights, re2Fault: await checkRegexWith() } })

async function lintFiles(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const files = await session.store() as ManifestStore
  const { view, notes } = await files.read({ namespaces: '*', mesh: meshOf(flags) })
  tell(session, [...notes, ...otherKinds(files)])
  const judge = await judgeBy(flags.complete === true, flags)
  return lintReportOf(lintView(judge, view), { rules: catalogue, view, objects: objectsOf(view, catalogue), weighing, files })
}

/** What lies in other namespaces is read too, because routes lead there; it is judged only with `-A`. */
async function lintCluster(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const store = await session.store()
  const { view, notes } = await store.read({ namespaces: '*', mesh: meshOf(flags) })
  tell(session, notes)
  const namespace = session.flags.allNamespaces ? undefined : store.namespace
  const findings = lintView(await judgeBy(true, flags), view, namespace)
  return lintReportOf(findings, { rules: catalogue, view, objects: objectsOf(view, catalogue, namespace), weighing })
}

/** Only what the files would break, wherever it shows: a DestinationRule in a file may break a route that is in none. */
async function lintOverCluster(session: Session, flags: LintFlags): Promise<LintReport> {
  const weighing = weighingOf(flags, catalogue)
  const cluster = await session.open({ ...session.flags, files: [] })
  const files = await session.open({ ...session.flags, namespace: session.flags.namespace ?? cluster.namespace }) as ManifestStore
  const scope = { namespaces: '*', mesh: meshOf(flags) } as const
  const [live, laid] = [await cluster.read(scope), await files.read(scope)]
  tell(session, [...live.notes, ...laid.notes, ...otherKinds(files)])
  const objects = kinds.flatMap(kind => laid.view.list(kind))
  const changes = objects.map(after => ({ before: live.view.get(refOf(after)), after }))
  const findings = introduced(await judgeBy(true, flags), live.view, changes)
  return lintReportOf(findings, { rules: catalogue, view: overlay(live.view, changes), objects: objectsOf(laid.view, catalogue), weighing, files })
}

/** The documents that are of no concern here, a line for each file. */
const otherKinds = ({ skipped }: ManifestStore): readonly string[] =>
  [...Map.groupBy(skipped.filter(({ why }) => why === 'other-kind'), ({ file }) => file)]
    .map(([file, found]) => `${file}: passed over: ${[...new Set(found.map(({ reason }) => reason))].join(', ')}`)

function tell(session: Session, notes: readonly string[]): void {
  for (const note of notes) session.note(note)
}

async function sayReport(session: Session, report: LintReport, format: (typeof formats)[number] | undefined): Promise<void> {
  const { streams } = session
  if (format === 'json') session.say(formatLintJson(report))
  else if (format === 'junit') session.say(formatLintJunit(report))
  else if (format === 'github') session.say(formatLintGithub(report))
  else if (format === 'sarif') {
    const { default: { version } } = await import('../../../package.json', { with: { type: 'json' } })
    session.say(formatLintSarif(report, { version, rules: describedRules(catalogue) }))
  } else {
    session.say(formatLintText(report, paintOf(wantsColour(streams.stdout, streams.env))))
    session.note(`lint: ${formatCounts(report.findings)}`)
  }
}
