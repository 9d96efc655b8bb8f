import { refOf } from '../../../../objects/kinds.ts'
import { removeAnnotationCommand } from '../../../../objects/text/kubectl-commands.ts'
import type { Note } from '../../../../routing/note.ts'
import type { IstioReading } from '../reading.ts'
import { cohortsAnnotation, recordIn } from './record.ts'

/**
 * The VirtualServices of the Service on which what we wrote down cannot be read: each with the
 * command that removes it.
 */
export const recordNotes = ({ carriers }: IstioReading): readonly Note[] =>
  carriers
    .filter(({ object }) => recordIn(object) === undefined)
    .map(({ object }): Note => ({
      kind: 'unreadable-record',
      object: refOf(object),
      annotation: cohortsAnnotation,
      fix: removeAnnotationCommand(refOf(object), cohortsAnnotation),
      edit: `remove its annotation ${cohortsAnnotation}`,
    }))
