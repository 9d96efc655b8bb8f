import type { Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { withGrammar, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { insistOption, serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

/** What an order to a run, or to the controller that owns a rollout, takes. */
const grammar: Grammar = {
  service: serviceAlone,
  formats: [],
  flags: ['--filename', '--dry-run', '--reason', '--emit-patch'],
  namespaced: true,
}

interface Flags {
  readonly service?: string
  readonly force?: boolean
}

/** `pause`: a run, or a rollout of a controller, stays where it is until a person says otherwise. */
export function pause(program: Command, session: Session): void {
  withGrammar(program.command('pause'), grammar)
    .summary('hold a run, or the rollout of a controller, where it is')
    .description(
      'Holds the run of a Service at its present step: nothing is checked, and the shares stay as they are. If Argo Rollouts or Flagger owns the Service, its rollout is paused: spec.paused of the Rollout, spec.suspend of the Canary.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(insistOption())
    .addHelpText('after', '\nExamples:\n  kubectl canary pause catalog --reason "looking at the logs"')
    .action(async (word: string | undefined, flags: Flags) => {
      const asked = {
        ...serviceNamed(session, word, flags.service),
        ...(flags.force === true && { force: true }),
      }
      await runOrController(session, { order: 'pause', ...asked }, async () => {
        const { pauseRun } = await import('./orders.ts')
        await pauseRun(session, asked)
      })
    })
}

/** `resume`: what was paused continues. */
export function resume(program: Command, session: Session): void {
  withGrammar(program.command('resume'), {
    ...grammar,
    flags: grammar.flags.filter(flag => flag !== '--reason'),
  })
    .summary('continue a paused run, or the rollout of a controller')
    .description(
      'Continues a paused run of a Service. If the routes changed meanwhile, it is refused, with what to do. If the process of the run has ended, use run SERVICE --resume. If Argo Rollouts or Flagger owns the Service, its rollout continues if it was paused by hand.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(
      insistOption(
        ', or a freeze holds the Service; a run whose routes were changed while it was paused is ended, and they stay as they are',
      ),
    )
    .addHelpText('after', '\nExamples:\n  kubectl canary resume catalog')
    .action(async (word: string | undefined, flags: Flags) => {
      const asked = {
        ...serviceNamed(session, word, flags.service),
        ...(flags.force === true && { force: true }),
      }
      await runOrController(session, { order: 'resume', ...asked }, async () => {
        const { resumeRun } = await import('./orders.ts')
        await resumeRun(session, asked)
      })
    })
}

interface HoldOrder {
  readonly order: 'pause' | 'resume'
  readonly service?: string | undefined
  readonly force?: boolean
}

/** A run of ours is meant where there is one, else the rollout of a controller. Files have no runs. */
async function runOrController(
  session: Session,
  order: HoldOrder,
  byRun: () => Promise<void>,
): Promise<void> {
  const { runs } = await session.store()
  const noRun = runs === undefined ? undefined : await failureOf(byRun)
  if (runs !== undefined && noRun === undefined) return
  const { runEdit } = await import('../run-edit.ts')
  try {
    await runEdit(session, { kind: 'order', ...order })
  } catch (error) {
    const isNobody = error instanceof CanaryError && error.code === 'not-found'
    throw isNobody && noRun !== undefined ? noRun : error
  }
}

/** The error where there is no run; throws another one. */
async function failureOf(byRun: () => Promise<void>): Promise<CanaryError | undefined> {
  try {
    await byRun()
    return undefined
  } catch (error) {
    if (error instanceof CanaryError && error.code === 'not-found') return error
    throw error
  }
}
