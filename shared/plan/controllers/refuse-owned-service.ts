import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { readers } from '../../providers/readers.ts'
import type { ControlledRollout, OwnedVerb, PlacedName } from '../../routing/controller.ts'
import type { Note } from '../../routing/note.ts'
import { refuseOwned } from '../../routing/provider.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { FoundService } from '../find/find-service.ts'
import { controlledOf, type OwningRollout } from './controlled.ts'

/**
 * Throws a CanaryError `refused` where a controller owns the routes of a service, or the Service itself, and does not
 * yield to an edit; gives what it says where it does.
 */
export function refuseOwnedService(
  view: ClusterView,
  { provider, service }: FoundService,
  verb: OwnedVerb,
): readonly Note[] {
  for (const owned of provider.owned(view, service)) refuseOwned(owned)
  return refuseControlled(view, service, verb)
}

/** The same, by the Service alone, whatever routing API routes it. */
export const refuseControlled = (view: ClusterView, service: PlacedName, verb: OwnedVerb): readonly Note[] =>
  controlledOf(view, service)
    .filter(({ by }) => by !== 'pods' || !hasVersions(view, service))
    .map(rollout => {
      const says = rollout.controller.yields(rollout.object, verb)
      if (says !== undefined) return { kind: 'controller', says } as const
      if (rollout.by === 'pods') throw ofPods(service, rollout)
      refuseOwned({ object: subjectOf(view, rollout, service), owner: rollout.owner })
      throw new TypeError('a refusal returned')
    })

/** Whether the pods of a rollout have a version of their own, by which routes can tell them from those of another workload. */
const hasVersions = (view: ClusterView, { namespace, name }: PlacedName): boolean =>
  readers.some(
    reader =>
      reader.isLast !== true
      && reader.read(view, { namespace, name, clusterDomain: view.mesh.clusterDomain }, { complete: false })
        .versions.length > 0,
  )

const ofPods = ({ name }: PlacedName, { owner, controller }: OwningRollout): CanaryError =>
  new CanaryError(
    'refused',
    `all pods behind ${name} belong to ${owner}: its versions are ReplicaSets, between which ${controller.title} alone shares the requests`,
    { owner },
  )

/** What the edit would change: a route that the controller writes, else the Service. */
function subjectOf(
  view: ClusterView,
  { controller, object }: ControlledRollout,
  { namespace, name }: PlacedName,
): KubeObject {
  const [route] = controller.state(view, object, []).routes.flatMap(ref => view.get(ref) ?? [])
  return route ?? { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } }
}
