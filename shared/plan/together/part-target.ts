import { CanaryError, type ErrorCode } from '../../objects/canary-error.ts'
import { serviceWord } from '../../objects/text/kubectl-commands.ts'
import { canBe } from '../find/choose-routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { withOwnerCommand, type OwnedEdit } from '../finish/owner-commands.ts'
import type { Target } from '../intent.ts'
import type { Plan } from '../plan.ts'
import type { FailedPart } from './plan-together.ts'

/** The services that a command is about: as they were typed, or all that fit. */
export type ChosenServices = readonly string[] | 'all'

/** The command with other services, or with one by position. */
function commandOf({ command, serviceAt }: Target, typed: ChosenServices, names: readonly string[]): string {
  const words = typed === 'all' ? '' : typed.join(',')
  const bare = (text: string): string =>
    ` ${text} `
      .replaceAll(/ --service[= ]\S+(?= )/g, '')
      .replaceAll(/ --all-services(?= )/g, '')
      .replace(words === '' ? '' : ` ${words} `, ' ')
      .trim()
  const [before, after] = [
    command.slice(0, serviceAt),
    serviceAt === undefined ? '' : command.slice(serviceAt),
  ]
  const chosen = names.length === 1 ? [serviceWord(names[0]!)] : ['--service', names.join(',')]
  return [bare(before), ...chosen, bare(after)].filter(Boolean).join(' ')
}

/** The target of one of several services, with the command that is about it alone. */
export const partTarget = (target: Target, typed: ChosenServices, name: string): Target => ({
  ...target,
  service: name,
  command: commandOf(target, typed, [name]),
  serviceAt: undefined,
})

/** What could not be done for all of several services. */
export interface RefusedTogether {
  readonly target: Target
  readonly typed: ChosenServices
  readonly view: ClusterView
  /** All of them. */
  readonly names: readonly string[]
  /** What cannot be, before the names of those for which it cannot. */
  readonly what: string
  /** Makes the plan for some of them; throws where that cannot be. */
  readonly planFor: (names: readonly string[]) => Plan
}

/** One error for all services that cannot take a change, with the command for the others where that is carried out. */
export function refusedTogether(
  { view, target, typed, names, what, planFor }: RefusedTogether,
  failed: readonly FailedPart[],
): CanaryError {
  const gone = failed.map(({ name }) => name)
  const left = names.filter(name => !gone.includes(name))
  const others =
    left.length > 0 && canBe(() => planFor(left))
      ? [`Without ${gone.join(', ')}: kubectl canary ${commandOf(target, typed, left)}`]
      : []
  return new CanaryError(codeOf(failed), `${what} ${gone.join(', ')}, so no Service is changed`, {
    hints: [...reasonsOf(failed, { view, target }), ...others],
  })
}

/** Why each of them cannot, and what to do about it. */
export const reasonsOf = (
  failed: readonly FailedPart[],
  where: Pick<OwnedEdit, 'view' | 'target'>,
): readonly string[] =>
  failed.flatMap(({ name, error }) => [
    `${name}: ${error.message}`,
    ...hintsOf(withOwnerCommand(error, { ...where, verb: 'cohort' })).map(hint => `  ${hint}`),
  ])

const hintsOf = (error: unknown): readonly string[] => (error instanceof CanaryError ? error.hints : [])

/** A refusal weighs more than a word that does not fit. */
export const codeOf = (failed: readonly FailedPart[]): ErrorCode =>
  failed.find(({ error }) => error.code === 'refused')?.error.code ?? failed[0]!.error.code
