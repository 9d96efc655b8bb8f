import type { ServiceReading } from '../../../routing/provider.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { canaryOf, recordedMirrors } from './canary-state.ts'
import { outOfForce } from './coverage.ts'
import { readService, seesWorkloads } from './reading.ts'
import { recordNotes } from './record/record-notes.ts'
import { keyOfService } from './routed-service.ts'
import { subjectsOf } from './subjects.ts'
import { trafficOf } from './traffic.ts'

/** A service as the mesh reads it, in the terms that all routing APIs share. */
export function readForPort(
  given: ClusterView,
  said: RoutedService,
  completeness: Completeness,
): ServiceReading {
  const reading = readService(given, said, completeness)
  const { view, service, complete } = reading
  return {
    view,
    service,
    complete,
    get versions() {
      return reading.versions
    },
    get seesWorkloads() {
      return seesWorkloads(reading)
    },
    get traffic() {
      return once(view, [trafficOf, `${keyOfService(service)} ${complete}`], () => trafficOf(reading))
    },
    get idleNotes() {
      return outOfForce(reading)
    },
    get recordNotes() {
      return recordNotes(reading)
    },
    get subjects() {
      return subjectsOf(reading)
    },
    get canary() {
      return { ...canaryOf(view, service), mirrors: recordedMirrors(reading) }
    },
  }
}
