import type { Command } from 'commander'
import { showGrammar, templates, withGrammar, type Grammar } from '../../flags/grammar.ts'
import { declarePrometheusFlags, type PrometheusFlags } from '../../flags/prometheus-flags.ts'
import type { Session } from '../../session.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from '../edit-options.ts'
import { watchOption } from '../list.ts'
import { dataOutputOf } from '../output.ts'
import { statusFormats } from './formats.ts'

interface Flags extends PrometheusFlags {
  readonly service?: string
  readonly watch?: boolean
  readonly all?: boolean
}

const statusGrammar: Grammar = { ...showGrammar, formats: [...statusFormats, ...templates] }

const examples = `
Examples:
  kubectl canary status
  kubectl canary status -A -o wide
  kubectl canary status catalog -w
  kubectl canary status catalog -o wide --prometheus http://localhost:9090
  kubectl canary status catalog -o svg > catalog.svg`

/** `status`: who gets what, per entry point. */
export function status(program: Command, session: Session): void {
  const command = withGrammar(program.command('status'), statusGrammar)
  command
    .summary('show who gets what, per entry point')
    .description(
      'Shows the versions of each routed service, the share of the requests that each gets at every entry point, and the version of each cohort. With a Prometheus, also what each version gets now: requests, success, durations.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(watchOption())
    .option('--all', 'show each service in full, however many there are')
    .addHelpText('after', examples)
    .action(
      async (word: string | undefined, { service: flag, watch = false, all = false, ...flags }: Flags) => {
        const { service } = serviceNamed(session, word, flag)
        const format = await dataOutputOf(session.flags.output, statusFormats)
        const { showStatus } = await import('./run-status.ts')
        await showStatus(session, { service, format, watch, all, prometheus: flags })
      },
    )
  declarePrometheusFlags(command)
}
