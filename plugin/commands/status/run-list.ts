import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { formatNotes } from '../../print/notes.ts'
import { formatList, isInCanary, listedOf } from '../../print/services/list.ts'
import type { Session } from '../../session.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import { inPlace, shownServices, typedAs } from '../shown-services.ts'
import type { Look } from '../watch/look.ts'
import { show } from '../watch/watch.ts'
import { withinOfRuns } from './run-looks.ts'
import { statusesOf } from './statuses.ts'

type ListFormat = 'wide' | 'name' | DataFormat | undefined

/** What was typed after `list`. */
export interface ListWords {
  readonly service: string | undefined
  readonly format: ListFormat
  readonly watch: boolean
}

/** Lists the services with a canary, once or with `-w` until it is interrupted. */
export async function showList(session: Session, { service, format, watch }: ListWords): Promise<void> {
  const isData = format !== undefined && format !== 'wide'
  await show(session, { watch, isData, read: () => readList(session, service, format) })
}

async function readList(session: Session, service: string | undefined, format: ListFormat): Promise<Look> {
  const shown = await shownServices(session, service)
  const { follow } = shown
  let within = {}
  const lookAt = (text: Look['text']): Look => ({ text, ...(follow && { follow }), ...within })
  const foreign = shown.services.flatMap(({ traffic }) =>
    traffic.notes.filter(({ kind }) => kind === 'foreign-routes'),
  )
  session.noteOnce(formatNotes(foreign, fileWordsOf(session.flags)))
  const services = await inCanary(shown.services)
  if (format === 'name')
    return lookAt(() => services.map(reading => `service/${reading.service.name}`).join('\n'))
  const statuses = await statusesOf(session, { ...shown, services })
  within = withinOfRuns(statuses)
  const listed = statuses.map(listedOf)
  if (format !== undefined && format !== 'wide') {
    const data = await formatData({ canaries: listed }, listed, format)
    return lookAt(() => data)
  }
  if (listed.length === 0) {
    if (shown.services.length > 0) session.noteLine(withoutCanary(session, shown, service))
    return lookAt(() => '')
  }
  const withNamespace =
    session.flags.allNamespaces || new Set(listed.map(({ namespace }) => namespace)).size > 1
  return lookAt(now => formatList(listed, { withNamespace, wide: format === 'wide', live: shown.live, now }))
}

/** That there is no canary, and what may be meant instead. */
function withoutCanary(
  { flags: { allNamespaces, files } }: Session,
  { where, namespace }: ShownServices,
  service: string | undefined,
): string {
  const shown = [...(service === undefined ? [] : [service]), ...(allNamespaces ? ['-A'] : [])]
  const place = service?.includes('.') === true ? '' : inPlace(namespace)
  return [
    `No canaries in progress in ${where}.`,
    `To show who gets what: kubectl canary ${['status', ...shown].join(' ')}${place}`,
    // The status of one Service names its versions and its own next commands.
    ...(service === undefined
      ? [`To begin one: kubectl canary weight ${typedAs('SERVICE', namespace, files)} VERSION=10${place}`]
      : []),
  ].join('\n  ')
}

/** Those with a canary of their own, or with a version that a controller rolls out; that is asked where there is any. */
async function inCanary(services: readonly ServiceReading[]): Promise<readonly ServiceReading[]> {
  if (!services.some(({ view }) => view.list('Rollout').length + view.list('Canary').length > 0))
    return services.filter(({ traffic }) => isInCanary(traffic))
  const { isDelivered } = await import('./controlled-services.ts')
  return services.filter(reading => isInCanary(reading.traffic) || isDelivered(reading))
}
