import { fileWordsOf } from '../../flags/argv.ts'
import { formatNotes } from '../../print/notes.ts'
import type { ServiceStatus } from '../../print/services/traffic.ts'
import type { Session } from '../../session.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'

/** The services that were read, each with its notes as sentences and what the rules find about it. */
export async function statusesOf(
  session: Session,
  { services, sources }: Pick<ShownServices, 'services' | 'sources'>,
): Promise<readonly ServiceStatus[]> {
  const { findingsOfService } = await import('./service-findings.ts')
  return services.map(reading => ({
    ...reading.traffic,
    notes: formatNotes(reading.traffic.notes, fileWordsOf(session.flags)),
    findings: findingsOfService(reading, { sources, now: session.streams.now() }),
  }))
}
