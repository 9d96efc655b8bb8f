import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { hasRegex, parseConditions, type ConditionWords } from '../../words/conditions.ts'
import { parseUntil, rfc3339 } from '../../words/until.ts'
import { type ChoiceFlags, withChoice } from '../edit-options.ts'
import { checkCohortName } from '../../words/names.ts'
import { checkRegexWith } from '../../words/regex.ts'

/** What was typed after `cohort NAME`. */
export interface CohortFlags extends ConditionWords, ChoiceFlags {
  readonly to?: string
  readonly remove?: boolean
  readonly until?: string
  readonly before?: string
  readonly reason?: string
  readonly service?: string
  readonly services?: readonly string[] | 'all'
  readonly stable?: string
  readonly force: boolean
}

/**
 * What the words of a `cohort` mean; throws `usage` where they do not fit together. It waits only for the
 * regex checker, which is loaded where a condition is a regex.
 */
export async function cohortIntentOf(
  name: string,
  flags: CohortFlags,
  now: Date,
): Promise<IntentOf<'set-cohort' | 'remove-cohort'>> {
  checkCohortName(name)
  return flags.remove === true ? removalOf(name, flags) : await settingOf(name, flags, now)
}

async function settingOf(
  name: string,
  { to, until, before, reason, service, services, stable, force, remove: _, ...rest }: CohortFlags,
  now: Date,
): Promise<IntentOf<'set-cohort'>> {
  if (to === undefined) {
    throw new CanaryError('usage', `cohort ${name} needs --to VERSION, or --remove`, {
      hints: [`For example: kubectl canary cohort ${name} --to v2`],
    })
  }
  const { choice, ...words } = withChoice(rest)
  if (services !== undefined && choice !== undefined)
    throw new CanaryError('usage', '--route and --virtual-service cannot be used with several Services', {
      hints: ['Leave them out, or use a command for each Service.'],
    })
  return {
    kind: 'set-cohort',
    name,
    ...parseCohortTo(to),
    conditions: parseConditions(words, hasRegex(words) ? await checkRegexWith() : () => undefined),
    since: rfc3339(now),
    force,
    ...(until !== undefined && { until: parseUntil(until, now) }),
    ...(before !== undefined && { before: checkedBefore(name, before) }),
    ...(reason !== undefined && { reason }),
    ...(service !== undefined && { service }),
    ...(services !== undefined && { services }),
    ...(stable !== undefined && { stable }),
    ...(choice !== undefined && { choice }),
  }
}

/** `v2`, or `v2=50` for a part of the cohort; throws `usage` for what is no part. */
function parseCohortTo(text: string): { readonly to: string; readonly share?: number } {
  const [, to, part] = /^(.+)=(\d+)%?$/.exec(text) ?? []
  if (to === undefined && !text.includes('=')) return { to: text }
  const share = Number(part)
  if (to !== undefined && share === 100) return { to }
  if (to !== undefined && share >= 1 && share < 100) return { to, share }
  throw new CanaryError('usage', `--to ${text} is not a version with a percentage from 1 to 100`, {
    hints: ['Write it like --to v2, or --to v2=50 for half of the cohort; the rest goes to stable.'],
  })
}

/** The name of the cohort that comes after. */
function checkedBefore(name: string, before: string): string {
  checkCohortName(before)
  if (before !== name) return before
  throw new CanaryError('usage', `cohort ${name} cannot go before itself`, {
    hints: ['Name another cohort with --before, or leave it out.'],
  })
}

/** A removal takes no other flags of the cohort, so that a mistyped command removes nothing. */
function removalOf(
  name: string,
  { service, services, remove: _, force, ...others }: CohortFlags,
): IntentOf<'remove-cohort'> {
  const [extra] = Object.keys(others)
  if (extra !== undefined)
    throw new CanaryError('usage', `--${kebab(extra)} cannot be used with --remove`, {
      hints: ['Leave one of them out.'],
    })
  return {
    kind: 'remove-cohort',
    name,
    ...(force && { force }),
    ...(service !== undefined && { service }),
    ...(services !== undefined && { services }),
  }
}

/** The flag of a property, as commander names it: `sourceLabel` is `--source-label`. */
const kebab = (property: string): string =>
  property.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
