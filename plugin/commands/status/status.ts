import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { outputOf } from '../../flags/global-flags.ts'
import { showGrammar, withGrammar } from '../../flags/grammar.ts'
import { paintOf } from '../../print/colour.ts'
import { formatJson, formatYaml } from '../../print/objects.ts'
import { formatNote } from '../../print/notes.ts'
import { formatTraffic } from '../../print/traffic.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from '../edit-options.ts'
import { shownServices } from '../shown-services.ts'

interface Flags {
  readonly service?: string
  readonly watch?: boolean
}

/** How often `-w` looks again; a person cannot follow more, and the API server should not notice. */
const watchEvery = 2000

const examples = `
Examples:
  kubectl canary status
  kubectl canary status -A -o wide
  kubectl canary status catalog -w`

/** `status`: who gets what, per entry point. */
export function status(program: Command, session: Session): void {
  withGrammar(program.command('status'), showGrammar)
    .summary('show who gets what, per entry point')
    .description(
      'Shows the versions of each routed service, the share of the requests that each gets at every entry point, and the version of each cohort.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .option('-w, --watch', 'show it again whenever it changes')
    .addHelpText('after', examples)
    .action(async (word: string | undefined, { service: flag, watch = false }: Flags) => {
      const { service } = serviceNamed(session, word, flag)
      let before: string | undefined
      do {
        const text = await formatStatus(session, service)
        if (text !== before) session.say(before === undefined ? text : `\n${text}`)
        before = text
      } while (watch && (await pause(session)))
    })
}

async function formatStatus(session: Session, service: string | undefined): Promise<string> {
  const {
    flags: { output },
    streams,
  } = session
  const format = outputOf(output, ['wide', 'json', 'yaml', 'name'])
  const { services: readings, sources, live } = await shownServices(session, service)
  if (format === 'name') return readings.map(reading => `service/${reading.service.name}`).join('\n')
  const { findingsOfService } = await import('./service-findings.ts')
  const services = readings.map(reading => ({
    ...reading.traffic,
    notes: reading.traffic.notes.map(formatNote),
    findings: findingsOfService(reading, { sources, now: streams.now() }),
  }))
  if (format === 'json') return formatJson({ services })
  if (format === 'yaml') return formatYaml({ services })
  return formatTraffic(services, {
    paint: paintOf(wantsColour(streams.stdout, streams.env)),
    wide: format === 'wide',
    now: streams.now(),
    live,
  })
}

async function pause({ streams: { interrupt, stdout } }: Session): Promise<boolean> {
  await sleep(watchEvery, undefined, { signal: interrupt }).catch(() => undefined)
  return !interrupt.aborted && stdout.closed !== true
}
