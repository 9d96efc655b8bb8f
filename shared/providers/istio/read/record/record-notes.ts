import type { Note } from '../../../../routing/note.ts'
import { unreadableNote } from '../../../../routing/record/record.ts'
import type { IstioReading } from '../reading.ts'
import { recordIn } from './record.ts'

/** The VirtualServices of the Service on which what we wrote down cannot be read. */
export const recordNotes = ({ carriers }: IstioReading): readonly Note[] =>
  carriers.filter(({ object }) => recordIn(object) === undefined).map(({ object }) => unreadableNote(object))
