import { refOf } from '../../../objects/kinds.ts'
import type { Note } from '../../../routing/note.ts'
import type { CanaryState, OwnedObject, ServiceReading } from '../../../routing/provider.ts'
import { controllerOf, namespaceOf } from '../../../objects/kube-object.ts'
import { readyOf, wantedOf, type Completeness, type RoutedService } from '../../../routing/service.ts'
import {
  anyOf,
  type EntryPoint,
  type SeenWorkload,
  type Share,
  type Traffic,
} from '../../../routing/traffic.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { hostOfService } from '../../../workloads/service-versions.ts'
import { readService, type Api7Reading } from './reading.ts'

/** A service in the terms that all routing APIs share: each part is derived when it is first asked for. */
export function readForPort(
  given: ClusterView,
  said: RoutedService,
  completeness: Completeness,
): ServiceReading {
  const reading = readService(given, said, completeness)
  const { view, service, versions, complete, seesWorkloads, published } = reading
  let traffic: Traffic | undefined
  return {
    isOutsideMesh: true,
    view,
    service,
    versions,
    complete,
    seesWorkloads,
    get traffic() {
      return (traffic ??= trafficOf(reading))
    },
    canary: canaryOf(reading),
    idleNotes: [],
    recordNotes: [],
    subjects: published.map(({ object }) => refOf(object)),
  }
}

/** The annotations themselves say what is stable while a canary is on: nothing of ours is written down. */
const canaryOf = ({ stable, canaries }: Api7Reading): CanaryState => ({
  stable: canaries.length > 0 && stable !== undefined ? [stable.version.name] : [],
  cohorts: [],
  mirrors: [],
})

/** Who gets what of a service by its annotations. */
function trafficOf(reading: Api7Reading): Traffic {
  const { service, versions, canaries, stable } = reading
  return {
    service: service.name,
    namespace: service.namespace,
    ...(canaries.length > 0 && stable !== undefined && { stable: stable.version.name }),
    versions: versions.map(({ name, host, service: own, workloads }) => ({
      name,
      ...(host !== undefined && host !== hostOfService(service) && { host: own!.name }),
      ...((workloads.length > 0 || reading.seesWorkloads) && {
        ready: readyOf({ workloads }),
        wanted: wantedOf({ workloads }),
        workloads: workloads.map(({ labels: _, ...workload }): SeenWorkload => workload),
      }),
    })),
    entryPoints: entryPointsOf(reading),
    notes: canaries.flatMap(({ object, percent }): readonly Note[] =>
      percent === undefined ? [{ kind: 'percentage-lost', object: refOf(object) }] : [],
    ),
  }
}

/** The application, at the Service that it leads to; one that nobody can tell is shown at the first that is published. */
function entryPointsOf(reading: Api7Reading): readonly EntryPoint[] {
  const { application, stable, published } = reading
  const shown = stable ?? published.find(each => each.application !== '')
  if (application === undefined || shown === undefined) return []
  return [
    {
      ref: refOf(shown.object),
      hosts: [application],
      gateways: ['api7-cloud'],
      cohorts: [],
      splits: [{ takes: '', shares: sharesOf(reading), reached: true }],
      mirrors: [],
    },
  ]
}

/**
 * What each version gets, in percent. Nobody can tell where several are published, a percentage is lost, or there are several
 * canaries, of which the controller keeps the upstream of one.
 */
export function sharesOf({ stable, canaries, versions, service }: Api7Reading): readonly Share[] {
  const [canary, ...more] = canaries
  const any = [{ version: versions.length > 0 ? anyOf(versions) : service.name, percent: 100 }]
  if (stable === undefined || more.length > 0) return any
  if (canary === undefined) return [{ version: stable.version.name, percent: 100 }]
  const { percent } = canary
  return percent === undefined
    ? any
    : [
        { version: stable.version.name, percent: 100 - percent },
        { version: canary.version.name, percent },
      ]
}

/** The Services of a service that another program rewrites. */
export const ownedObjects = (view: ClusterView, said: RoutedService): readonly OwnedObject[] =>
  readService(view, said, { complete: true }).published.flatMap(({ object }) => {
    const owner = controllerOf(object)
    return owner === undefined
      ? []
      : [{ object, owner: `${owner.kind} ${namespaceOf(object)}/${owner.name}` }]
  })
