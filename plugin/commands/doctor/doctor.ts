import { Argument, type Command } from 'commander'
import { completed, services } from '../../flags/completed.ts'
import { templates, withGrammar, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { serviceNamed, serviceOption } from '../edit-options.ts'
import { dataOutputOf } from '../output.ts'

interface Flags {
  readonly service?: string
  readonly all?: boolean
}

/** The formats of its report besides text. */
export const doctorFormats = ['json', 'yaml', 'markdown', 'sarif'] as const

const grammar: Grammar = {
  service: serviceAlone,
  formats: [...doctorFormats, ...templates],
  flags: ['--filename', '--all-namespaces', '--selector'],
  namespaced: true,
}

const description =
  'Checks what a canary needs of a service and of its namespace, and prints how to fix what is missing. '
  + 'On files, running pods are not checked. The exit code is 3 if a check fails, else 0 (warnings are allowed).'
const examples = `
Examples:
  kubectl canary doctor catalog
  kubectl canary doctor -n shop               the namespace and each of its services
  kubectl canary doctor -A -o markdown        a report on the whole cluster
  kubectl canary doctor -f k8s/ -o sarif      the same on manifests, without a cluster`

/** `doctor`: is this service ready for a canary. Exits 3 where something would break. */
export function doctor(program: Command, session: Session): void {
  withGrammar(program.command('doctor'), grammar)
    .summary('check whether services are ready for a canary')
    .description(description)
    .addArgument(
      completed(
        new Argument(
          '[service]',
          'the Service: NAME, svc/NAME or NAME.NAMESPACE; the namespace and all its services where none is given',
        ),
        services,
      ),
    )
    .addOption(serviceOption())
    .option('--all', 'show also the checks that pass, if several services are shown')
    .addHelpText('after', examples)
    .action(async (word: string | undefined, { service: flag, all = false }: Flags) => {
      const { service } = serviceNamed(session, word, flag)
      const format = await dataOutputOf(session.flags.output, doctorFormats)
      const { runDoctor } = await import('./run-doctor.ts')
      await runDoctor(session, service, { format, all })
    })
}
