import type { Kind } from '../../../shared/objects/kinds.ts'
import { describedChecks } from '../../../shared/readiness/described.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { readinessDataOf, readinessRows } from '../../print/readiness/json.ts'
import { formatReadinessMarkdown } from '../../print/readiness/markdown.ts'
import { readinessFindings } from '../../print/readiness/located.ts'
import { formatReadiness } from '../../print/readiness/text.ts'
import { formatLintSarif } from '../../print/report/sarif.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import type { Session } from '../../session.ts'
import { columnsOf, wantsColour } from '../../streams.ts'
import { shownServices } from '../shown-services.ts'
import { judgeShown, type JudgedReports } from './judge-shown.ts'

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
  const shown = await shownServices(session, service, { every: true, also, divided: true })
  const judged = await judgeShown(session, shown, service !== undefined)
  const { reports } = judged
  await printReports(session, shown, { ...judged, ...form })
  if (reports.some(({ state }) => state === 'fail')) session.exitCode = 3
}

interface Printed extends DoctorForm, JudgedReports {}

async function printReports(
  session: Session,
  { live }: ShownServices,
  { reports, sourcesOf, format, all }: Printed,
): Promise<void> {
  const { streams } = session
  if (format === undefined) {
    session.say(
      formatReadiness(reports, {
        paint: paintOf(wantsColour(streams.stdout, streams.env)),
        width: columnsOf(streams.stdout),
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
        { findings: readinessFindings(reports, sourcesOf), skipped: [] },
        { version, rules: describedChecks() },
      ),
    )
  } else session.say(await formatData(readinessDataOf(reports), readinessRows(reports), format))
}
