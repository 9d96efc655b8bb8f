import type { Note } from '../../routing/note.ts'
import type { EditableRoutes, Preview } from '../../routing/provider.ts'
import type { WantedCohort } from '../../routing/wanted.ts'

/** The cohorts before and after the end of a canary, and whose mirrors go. */
export interface Ended {
  readonly before: readonly WantedCohort[]
  readonly after: readonly WantedCohort[]
  readonly previews?: readonly Preview[] | undefined
  readonly routes: EditableRoutes
  readonly unmirrored: readonly string[]
}

/** Which cohorts, previews and mirrors end with a canary, and which stay: each by its name. */
export function endNotes({ before, after, previews = [], routes, unmirrored }: Ended): readonly Note[] {
  const mirrors = [...Map.groupBy(routes.mirrors, ({ to }) => to)].map(([to, those]): Note => ({
    kind: unmirrored.includes(to) ? 'mirror-ends' : 'mirror-stays',
    to,
    routes: those.map(({ object, place }) => ({ object, place })),
  }))
  return [
    ...before.map(({ name, to }): Note => ({
      kind: after.some(cohort => cohort.name === name) ? 'cohort-stays' : 'cohort-ends',
      cohort: name,
      version: to,
    })),
    ...previews.map(({ to, hosts }): Note => ({
      kind: unmirrored.includes(to) ? 'preview-ends' : 'preview-stays',
      version: to,
      hosts,
    })),
    ...mirrors,
  ]
}
