import type { Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Session } from '../../session.ts'
import { hasRegex, parseConditions, type ConditionWords } from '../../words/conditions.ts'
import { parseUntil, rfc3339 } from '../../words/duration.ts'
import { checkCohortName } from '../../words/names.ts'
import { checkRegexWith } from '../../words/regex.ts'
import { forceFlag, serviceFlag, stableFlag } from '../edit-flags.ts'

interface Flags extends ConditionWords {
  readonly to?: string
  readonly remove?: boolean
  readonly until?: string
  readonly reason?: string
  readonly service?: string
  readonly stable?: string
  readonly force: boolean
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `cohort internal --to v2`: a header route for a named group of requests; `--remove` takes it away. */
export function cohort(program: Command, session: Session): void {
  program
    .command('cohort')
    .summary('send a named group of requests to a version')
    .description(
      'Sends the requests of a cohort to a version, whatever the weights say. Without conditions those are the requests with the header x-istio-cohort: NAME. Several conditions must hold at once.',
    )
    .argument('<name>', 'the name of the cohort')
    .option('--to <version>', 'where its requests go')
    .option(
      '--header <name=value>',
      'requests with this header; also name:prefix=value, name:regex=value, or name for any value (repeatable)',
      collect,
    )
    .option('--cookie <name=value>', 'requests with this cookie (repeatable)', collect)
    .option(
      '--query <name=value>',
      'requests with this query parameter; also name:regex=value (repeatable)',
      collect,
    )
    .option('--source-label <name=value>', 'requests from pods with this label (repeatable)', collect)
    .option('--until <when>', 'when it is meant to end: 2d, 36h, 2026-08-31; noted on the object')
    .option('--reason <text>', 'why; noted on the object')
    .option('--remove', 'take the cohort away')
    .option(...serviceFlag)
    .option(...stableFlag)
    .option(...forceFlag)
    .addHelpText('after', examples)
    .action(async (name: string, flags: Flags) => {
      checkCohortName(name)
      await (flags.remove === true ? removeCohort(session, name, flags) : setCohort(session, name, flags))
    })
}

const examples = `
Examples:
  kubectl canary cohort internal --to v2                       requests with x-istio-cohort: internal
  kubectl canary cohort beta --to v2 --cookie beta=yes --until 2d --reason "beta of the new search"
  kubectl canary cohort internal --remove`

async function setCohort(
  session: Session,
  name: string,
  { to, until, reason, service, stable, force, ...words }: Flags,
): Promise<void> {
  if (to === undefined) {
    throw new CanaryError('usage', `cohort ${name} needs a version to go to`, {
      hints: [`Add --to VERSION, like kubectl canary cohort ${name} --to v2; or --remove to take it away.`],
    })
  }
  const now = session.streams.now()
  const conditions = parseConditions(words, hasRegex(words) ? await checkRegexWith() : () => undefined)
  const told = {
    name,
    to,
    conditions,
    since: rfc3339(now),
    until: until === undefined ? undefined : parseUntil(until, now),
    reason,
    stable,
    force,
  }
  const { carryOut, planCohort } = await import('../edits.ts')
  await carryOut(session, {
    service,
    force: told.force,
    plan: (view, target) => planCohort(view, { target, ...told }),
  })
}

async function removeCohort(
  session: Session,
  name: string,
  { service, remove: _, force: __, ...rest }: Flags,
): Promise<void> {
  const [extra] = Object.keys(rest)
  if (extra !== undefined)
    throw new CanaryError('usage', `--remove takes the cohort ${name} away, so --${extra} has no meaning`, {
      hints: [`kubectl canary cohort ${name} --remove`],
    })
  const { carryOut, planRemoveCohort } = await import('../edits.ts')
  await carryOut(session, { service, plan: (view, target) => planRemoveCohort(view, { target, name }) })
}
