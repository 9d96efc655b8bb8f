import { formatWho, type CohortRoute, type Traffic } from '../../../shared/routing/traffic.ts'
import { formatTable } from '../table.ts'
import { formatAge, formatUntil } from './traffic.ts'

/** A cohort of a service; one line however many routes carry it. */
export interface ListedCohort extends CohortRoute {
  readonly service: string
  readonly namespace: string
}

/** The cohorts of the services, each once. */
export const cohortsOf = (services: readonly Traffic[]): readonly ListedCohort[] =>
  services.flatMap(({ service, namespace, entryPoints }) => {
    const all = entryPoints.flatMap(({ cohorts }) => cohorts)
    return [
      ...new Map(
        all.map(cohort => [`${cohort.name} ${cohort.to}`, { service, namespace, ...cohort }]),
      ).values(),
    ]
  })

/** The cohorts as a table; the namespace is a column where several are listed. */
export function formatCohorts(
  cohorts: readonly ListedCohort[],
  {
    allNamespaces,
    now,
    wide,
  }: { readonly allNamespaces: boolean; readonly now: Date; readonly wide: boolean },
): string {
  const heading = [
    ...(allNamespaces ? ['NAMESPACE'] : []),
    'SERVICE',
    'COHORT',
    'VERSION',
    'AGE',
    'ENDS',
    'CONDITIONS',
    ...(wide ? ['REASON'] : []),
  ]
  return formatTable(
    heading,
    cohorts.map(({ namespace, service, name, to, since, until, reason, ...who }) => [
      ...(allNamespaces ? [namespace] : []),
      service,
      name,
      to,
      since === undefined ? '-' : formatAge(since, now),
      until === undefined ? '-' : formatUntil(until, now).replace(/^for (.*) more$/, 'in $1'),
      formatWho(who),
      ...(wide ? [reason ?? '-'] : []),
    ]),
  )
}
