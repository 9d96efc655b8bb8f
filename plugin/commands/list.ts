import { Option, type Command } from 'commander'
import { showGrammar, withGrammar } from '../flags/grammar.ts'
import { fileWordsOf } from '../flags/argv.ts'
import { formatNotes } from '../print/notes.ts'
import { formatData, type DataFormat } from '../print/data.ts'
import { formatList, isInCanary, listedOf } from '../print/services/list.ts'
import type { Session } from '../session.ts'
import type { ServiceReading } from '../../shared/routing/provider.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from './edit-options.ts'
import { dataOutputOf } from './output.ts'
import { shownServices } from './shown-services.ts'
import { statusesOf } from './status/statuses.ts'
import type { Look } from './watch/look.ts'
import { show } from './watch/watch.ts'

interface Flags {
  readonly service?: string
  readonly watch?: boolean
}

const examples = `
Examples:
  kubectl canary list
  kubectl canary list -A
  kubectl canary list -A -o wide`

/** `list`: one line for each service with a canary. */
export function list(program: Command, session: Session): void {
  withGrammar(program.command('list'), showGrammar)
    .summary('list the services with a canary: stable, shares, cohorts, findings')
    .description(
      'Lists the services with a canary: those with a recorded stable version or cohort, with a mirror, with a route that splits its requests, or with a version that Argo Rollouts or Flagger rolls out.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(watchOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, { service: flag, watch = false }: Flags) => {
      const { service } = serviceNamed(session, word, flag)
      const format = await dataOutputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
      const isData = format !== undefined && format !== 'wide'
      await show(session, { watch, isData, read: () => readList(session, service, format) })
    })
}

/** `-w`, which shows the services again and again. */
export const watchOption = (): Option =>
  new Option('-w, --watch', 'watch for changes and show each: in place on a terminal, else as new text')

async function readList(
  session: Session,
  service: string | undefined,
  format: 'wide' | 'name' | DataFormat | undefined,
): Promise<Look> {
  const shown = await shownServices(session, service)
  const { follow } = shown
  const lookAt = (text: Look['text']): Look => ({ text, ...(follow && { follow }) })
  const foreign = shown.services.flatMap(({ traffic }) =>
    traffic.notes.filter(({ kind }) => kind === 'foreign-routes'),
  )
  session.noteOnce(formatNotes(foreign, fileWordsOf(session.flags)))
  const services = await inCanary(shown.services)
  if (format === 'name')
    return lookAt(() => services.map(reading => `service/${reading.service.name}`).join('\n'))
  const listed = (await statusesOf(session, { ...shown, services })).map(listedOf)
  if (format !== undefined && format !== 'wide') {
    const data = await formatData({ canaries: listed }, listed, format)
    return lookAt(() => data)
  }
  if (listed.length === 0) {
    if (shown.services.length > 0) session.noteLine(`No canaries found in ${shown.where}.`)
    return lookAt(() => '')
  }
  const withNamespace =
    session.flags.allNamespaces || new Set(listed.map(({ namespace }) => namespace)).size > 1
  return lookAt(now => formatList(listed, { withNamespace, wide: format === 'wide', live: shown.live, now }))
}

/** Those with a canary of their own, or with a version that a controller rolls out; that is asked where there is any. */
async function inCanary(services: readonly ServiceReading[]): Promise<readonly ServiceReading[]> {
  if (!services.some(({ view }) => view.list('Rollout').length + view.list('Canary').length > 0))
    return services.filter(({ traffic }) => isInCanary(traffic))
  const { isDelivered } = await import('./status/controlled-services.ts')
  return services.filter(reading => isInCanary(reading.traffic) || isDelivered(reading))
}
