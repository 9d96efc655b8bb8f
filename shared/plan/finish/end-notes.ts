import type { Note } from '../../routing/note.ts'
import type { CanaryState, EditableMirror, EditableRoutes } from '../../routing/provider.ts'
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
    ...mirrorNotes({ mirrors: routes.mirrors, isOver: ({ to }) => unmirrored.includes(to) }),
  ]
}

/** Mirrors, and which of them go. */
export interface EndedMirrors {
  readonly mirrors: readonly EditableMirror[]
  readonly isOver: (mirror: EditableMirror) => boolean
}

/** Which mirrors end and which stay, each by what it leads to. */
export const mirrorNotes = ({ mirrors, isOver }: EndedMirrors): readonly Note[] =>
  [true, false].flatMap(over =>
    [
      ...Map.groupBy(
        mirrors.filter(mirror => isOver(mirror) === over),
        ({ to }) => to,
      ),
    ].map(([to, those]): Note => ({
      kind: over ? 'mirror-ends' : 'mirror-stays',
      to,
      routes: those.map(({ object, place }) => ({ object, place })),
    })),
  )
