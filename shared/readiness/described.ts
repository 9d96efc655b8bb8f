import type { DescribedRule } from '../rules/described.ts'
import { namespaceChecks, serviceChecks } from './checks.ts'

/** The checks as people look them up: one entry for each id, with the most severe state that the check can end in. */
export const describedChecks = (): readonly DescribedRule[] =>
  [...Map.groupBy([...serviceChecks, ...namespaceChecks], ({ id }) => id).values()].map(([check]) => ({
    id: check!.id,
    severity: {
      lint: check!.states.includes('fail') ? 'error' : check!.states.includes('warn') ? 'warning' : 'info',
    },
    summary: check!.summary,
    fix: check!.fix,
    subjects: [],
    reads: check!.needs,
  }))
