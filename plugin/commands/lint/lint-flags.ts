import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { describedForLint } from '../../../shared/rules/described.ts'
import type { AnyRule, Severity } from '../../../shared/rules/rule.ts'

/** What was typed after `lint`. */
export interface LintFlags {
  readonly complete?: boolean
  readonly withCluster?: boolean
  readonly relativeWeights?: boolean
  readonly severity: readonly string[]
  readonly disable: readonly string[]
}

/** The severities of findings, and which are shown. */
export interface Weighing {
  /** The lowest severity that is shown. */
  readonly least: Severity
  readonly byRule: ReadonlyMap<string, Severity>
  readonly disabled: ReadonlySet<string>
}

const severities: readonly Severity[] = ['info', 'warning', 'error']
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(least)

/**
 * `--severity warning` hides lower severities, `--severity RULE=warning` changes that of a rule; throws `usage`
 * for what is neither.
 */
export function weighingOf({ severity, disable }: LintFlags, rules: readonly AnyRule[]): Weighing {
  const ids = new Set(describedForLint(rules).map(({ id }) => id))
  const known = (id: string): string => {
    if (ids.has(id)) return id
    throw new CanaryError('usage', `there is no rule ${JSON.stringify(id)}`, {
      hints: ['kubectl canary rules lists the rules.'],
    })
  }
  const words = severity.flatMap(text => text.split(',')).map(word => word.split('='))
  const byRule = words.flatMap(([id, level]) =>
    level === undefined ? [] : [[known(id!), severityOf(level)] as const],
  )
  const least =
    words.flatMap(([level, rest]) => (rest === undefined ? [severityOf(level!)] : [])).at(-1) ?? 'info'
  return {
    least,
    byRule: new Map(byRule),
    disabled: new Set(disable.flatMap(text => text.split(',')).map(known)),
  }
}

function severityOf(text: string): Severity {
  const found = severities.find(severity => severity === text)
  if (found !== undefined) return found
  throw new CanaryError('usage', `invalid --severity value "${text}"`, {
    hints: ['Use error, warning or info, or RULE=error, RULE=warning, RULE=info.'],
  })
}
