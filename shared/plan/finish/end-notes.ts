import type { Note } from '../../routing/note.ts'
import type { CanaryState, EditableRoutes } from '../../routing/provider.ts'
import type { WantedCohort } from '../../routing/wanted.ts'

/** What is recorded of a canary, the cohorts after its end, and whose mirrors go. */
export interface Ended {
  readonly canary: Pick<CanaryState, 'cohorts' | 'previews'>
  readonly after: readonly WantedCohort[]
  readonly routes: EditableRoutes
  readonly unmirrored: readonly string[]
}

/** Which cohorts, previews and mirrors end with a canary, and which stay: each by its name. */
export function endNotes({ canary, after, routes, unmirrored }: Ended): readonly Note[] {
  const mirrors = [...Map.groupBy(routes.mirrors, ({ to }) => to)].map(([to, those]): Note => ({
    kind: unmirrored.includes(to) ? 'mirror-ends' : 'mirror-stays',
    to,
    routes: those.map(({ object, place }) => ({ object, place })),
  }))
  return [
    ...canary.cohorts.map(({ name, to }): Note => ({
      kind: after.some(cohort => cohort.name === name) ? 'cohort-stays' : 'cohort-ends',
      cohort: name,
      version: to,
    })),
    ...(canary.previews ?? []).map(({ to, hosts }): Note => ({
      kind: unmirrored.includes(to) ? 'preview-ends' : 'preview-stays',
      version: to,
      hosts,
    })),
    ...mirrors,
  ]
}
