import { formatCohortTo } from '../../../shared/routing/shares.ts'
import { formatWho, type CohortRoute } from '../../../shared/routing/traffic.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import { formatTable } from '../table.ts'
import { formatAge, formatUntil } from './span.ts'

/** A cohort of a service; one line however many routes carry it. */
export interface ListedCohort extends CohortRoute {
  readonly service: string
  readonly namespace: string
  /** Who set it, as the history of the service has it. */
  readonly owner?: string
  /** Its end has passed. */
  readonly expired: boolean
  /** What it was set for is gone. */
  readonly leftover?: LeftoverKind
}

type LeftoverKind = 'service-gone' | 'version-gone' | 'no-workload' | 'routes-gone'

/** How cohorts are listed. */
export interface CohortStyle {
  /** The namespace is a column. */
  readonly allNamespaces: boolean
  readonly now: Date
  readonly wide: boolean
  /** Histories could be read, so that who set a cohort may be known. */
  readonly withOwners: boolean
}

/** The cohorts as a table; what is left over is a column where there is any. */
export function formatCohorts(
  cohorts: readonly ListedCohort[],
  { allNamespaces, now, wide, withOwners }: CohortStyle,
): string {
  const hasLeftovers = cohorts.some(({ leftover }) => leftover !== undefined)
  const heading = [
    ...(allNamespaces ? ['NAMESPACE'] : []),
    'SERVICE',
    'COHORT',
    'VERSION',
    ...(withOwners ? ['OWNER'] : []),
    'AGE',
    'ENDS',
    ...(hasLeftovers ? ['LEFT OVER'] : []),
    'CONDITIONS',
    ...(wide ? ['REASON'] : []),
  ]
  return formatTable(
    heading,
    cohorts.map(({ namespace, service, name, to, shares, owner, since, until, leftover, reason, ...who }) => [
      ...(allNamespaces ? [namespace] : []),
      service,
      name,
      formatCohortTo({ to, shares }),
      ...(withOwners ? [escaped(owner ?? '-')] : []),
      since === undefined ? '-' : formatAge(since, now),
      until === undefined ? '-' : formatUntil(until, now).replace(/^for (.*) more$/, 'in $1'),
      ...(hasLeftovers ? [leftover === undefined ? '-' : formatLeftover(leftover, to)] : []),
      formatWho(who),
      ...(wide ? [reason ?? '-'] : []),
    ]),
  )
}

/** `v2 is gone`. */
export const formatLeftover = (leftover: LeftoverKind, version: string): string =>
  ({
    'service-gone': 'the Service is gone',
    'version-gone': `${version} is gone`,
    'no-workload': `${version} has no workload`,
    'routes-gone': 'its routes are gone',
  })[leftover]
