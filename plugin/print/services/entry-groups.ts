import type { CohortRoute, EntryPoint, Share } from '../../../shared/routing/traffic.ts'

/** What those are called who are in no cohort of an entry point. */
export const restOf = ({
  cohorts,
  sticky,
  callersIn,
}: Pick<EntryPoint, 'cohorts' | 'sticky' | 'callersIn'>): string => {
  const isRest = sticky !== undefined || cohorts.some(({ reached }) => reached)
  return `${isRest ? 'everyone else' : 'everyone'}${callersIn === undefined ? '' : ` in namespace ${callersIn}`}`
}

/** Where the requests of a cohort go: by its shares, else all to its version. */
export const sharesOfCohort = ({ to, shares, fault, unknown }: CohortRoute): readonly Share[] =>
  shares ?? [
    {
      version: to,
      percent: 100,
      ...(fault !== undefined && { fault }),
      ...(unknown !== undefined && { unknown }),
    },
  ]
