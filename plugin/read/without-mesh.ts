import { readers } from '../../shared/providers/readers.ts'
import { inSession } from '../../shared/view/session.ts'
import type { Reading } from '../../shared/view/store.ts'

/** How the note begins that a cluster does not serve Istio's kinds. */
const absence = "Istio's resources are not installed"

/**
 * What was read, without the note that Istio is not installed where something else routes requests, so that this
 * changes no answer.
 */
export function withoutMeshNote<T extends Pick<Reading, 'view' | 'notes'>>(reading: T): T {
  if (!reading.notes.some(note => note.startsWith(absence))) return reading
  const view = inSession(reading.view)
  if (!readers.some(reader => reader.routedServices(view, '*', { complete: true }).length > 0)) return reading
  return { ...reading, notes: reading.notes.filter(note => !note.startsWith(absence)) }
}
