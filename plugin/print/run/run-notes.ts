import type { Note } from '../../../shared/routing/note.ts'
import { formatNotes } from '../notes.ts'

/** The notes of an edit that a run makes: nobody can repeat it after something else is done first. */
export const formatRunNotes = (notes: readonly Note[]): readonly string[] =>
  formatNotes(
    notes.map(note => (note.kind === 'share-by-pods' ? { ...note, inRun: true } : note)),
    '',
  )
