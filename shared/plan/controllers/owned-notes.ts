import type { Note } from '../../routing/note.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { everyControlled } from './controlled.ts'
import { controlledWithVersions } from './controlled-versions.ts'

/**
 * The notes on a service with the fixes that its controller leaves to people: it refuses an `init`, so that its own
 * object, or the route that a person wrote, is changed.
 */
export function ownedNotes(
  view: ClusterView,
  service: RoutedService,
  notes: readonly Note[],
): readonly Note[] {
  if (!notes.some(({ kind }) => kind === 'mesh-not-covered')) return notes
  const [rollout] = controlledWithVersions(view, service)
  if (rollout === undefined) return notes
  return notes.map(note => {
    if (note.kind !== 'mesh-not-covered') return note
    const { kind, service: name, extend } = note
    return { kind, service: name, ...(rollout.controller.coverMesh?.(rollout.object) ?? extend) }
  })
}

/** A reading whose notes have these fixes. */
export function withOwnedNotes(reading: ServiceReading): ServiceReading {
  const { view, service } = reading
  if (everyControlled(view).length === 0) return reading
  return Object.create(reading, {
    traffic: {
      get: () => ({ ...reading.traffic, notes: ownedNotes(view, service, reading.traffic.notes) }),
    },
  }) as ServiceReading
}
