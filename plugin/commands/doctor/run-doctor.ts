import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Kind } from '../../../shared/objects/kinds.ts'
import { namespaceOf } from '../../../shared/objects/kube-object.ts'
import { judgeReadiness, type ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import { describedChecks } from '../../../shared/readiness/described.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { readinessDataOf, readinessRows } from '../../print/readiness/json.ts'
import { formatReadinessMarkdown } from '../../print/readiness/markdown.ts'
import { readinessFindings } from '../../print/readiness/located.ts'
import { formatReadiness } from '../../print/readiness/text.ts'
import { formatLintSarif } from '../../print/report/sarif.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { shownServices } from '../shown-services.ts'

/** What only the doctor reads: what may not be read is said by the check that needs it. */
const also: readonly Kind[] = ['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'PeerAuthentication']

/** How the report is printed. */
export interface DoctorForm {
  readonly format: DataFormat | 'markdown' | 'sarif' | undefined
  /** What passes is shown, too. */
  readonly all: boolean
}

/** Judges the services that the words and flags name, and prints the report; what would break makes the exit code 3. */
export async function runDoctor(
  session: Session,
  service: string | undefined,
  form: DoctorForm,
): Promise<void> {
  const shown = await shownServices(session, service, { every: true, also })
  await requireOneWorld(shown)
  const reports = judged(session, shown, service !== undefined)
  await printReports(session, shown, { reports, ...form })
  if (reports.some(({ state }) => state === 'fail')) session.exitCode = 3
}

/** Throws `usage` for files that are not all applied together: what one environment lacks, another may have. */
async function requireOneWorld({ worlds: divide }: ShownServices): Promise<void> {
  const worlds = (await divide?.())?.worlds ?? []
  if (worlds.length > 1)
    throw new CanaryError('usage', `the files are ${worlds.length} sets of objects that are applied apart`, {
      hints: ['Name the files of one of them with -f, or its kustomization with -k.'],
    })
}

function judged(session: Session, shown: ShownServices, isOne: boolean): readonly ReadinessReport[] {
  const { services, sources, live, namespace } = shown
  const view = services[0]?.view ?? shown.view
  const named = namespace === '*' ? undefined : namespace
  const namespaces = isOne ? [] : named === undefined ? inhabited(view) : [named]
  const readings =
    isOne || named !== undefined
      ? services
      : services.filter(reading => namespaces.includes(reading.service.namespace))
  return judgeReadiness({
    view,
    readings,
    namespaces,
    live,
    now: session.streams.now().getTime(),
    place: { sources, fileWords: fileWordsOf(session.flags) },
    sources,
  })
}

/** Namespaces of Kubernetes itself: no application of anybody's. */
const system = /^kube-/

/** The namespaces in which applications run. */
function inhabited(view: ClusterView): readonly string[] {
  const kinds = ['Service', 'Deployment', 'StatefulSet', 'VirtualService'] as const
  const names = kinds.flatMap(kind => view.list(kind).map(namespaceOf))
  return [...new Set(names)].filter(name => !system.test(name) && name !== view.mesh.rootNamespace).toSorted()
}

interface Printed extends DoctorForm {
  readonly reports: readonly ReadinessReport[]
}

async function printReports(
  session: Session,
  { sources, live }: ShownServices,
  { reports, format, all }: Printed,
): Promise<void> {
  const { streams } = session
  if (format === undefined) {
    session.say(
      formatReadiness(reports, {
        paint: paintOf(wantsColour(streams.stdout, streams.env)),
        width: streams.stdout.isTTY === true ? (streams.stdout.columns ?? 80) : undefined,
        all,
      }),
    )
  } else if (format === 'markdown') session.say(formatReadinessMarkdown(reports, { live }))
  else if (format === 'sarif') {
    const {
      default: { version },
    } = await import('../../../package.json', { with: { type: 'json' } })
    session.say(
      formatLintSarif(
        { findings: readinessFindings(reports, sources), skipped: [] },
        { version, rules: describedChecks() },
      ),
    )
  } else session.say(await formatData(readinessDataOf(reports), readinessRows(reports), format))
}
