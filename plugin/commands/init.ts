import type { Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import { forceFlag, serviceFlag } from './edit-flags.ts'

interface Flags {
  readonly service?: string
  readonly stable: string
  readonly gateway: readonly string[]
  readonly host: readonly string[]
  readonly force: boolean
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** `init --stable v1`: subsets from the workloads' version labels, and a route to stable. */
export function init(program: Command, session: Session): void {
  program
    .command('init')
    .summary('make a service ready: subsets for its versions, a route to stable')
    .description(
      'Makes a DestinationRule with a subset for each version that the workloads’ labels say, and a VirtualService that sends everything to stable.',
    )
    .requiredOption('--stable <version>', 'the version that takes everything at first')
    .option(
      '--gateway <name>',
      'a Gateway that the service is reached through, NAME or NAMESPACE/NAME (repeatable)',
      collect,
      [],
    )
    .option('--host <host>', 'a host of that gateway (repeatable)', collect, [])
    .option(...serviceFlag)
    .option(...forceFlag)
    .addHelpText(
      'after',
      `
Examples:
  kubectl canary init --service catalog --stable v1
  kubectl canary init --service catalog --stable v1 --gateway catalog-gateway --host catalog.example.com`,
    )
    .action(async ({ service, stable, gateway, host, force }: Flags) => {
      checkVersion(stable)
      if ((gateway.length === 0) !== (host.length === 0)) {
        throw new CanaryError('usage', '--gateway and --host belong together', {
          hints: [
            'Name the Gateway and the host that people call, like --gateway catalog-gateway --host catalog.example.com.',
          ],
        })
      }
      const { carryOut, planInit } = await import('./edits.ts')
      await carryOut(session, {
        service,
        force,
        plan: (view, target) => planInit(view, { target, stable, gateways: gateway, hosts: host, force }),
      })
    })
}
