import { changeOwner } from './controller.ts'
import { CanaryError } from '../objects/canary-error.ts'
import { namespaceOf, type Kind, type KubeObject, type Ref } from '../objects/kube-object.ts'
import type { StreamNote } from './notes/provider-note.ts'
import type { DestinationSettings } from './notes/settings.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { RequestRouting } from './request/request-routing.ts'
import type { Note } from './note.ts'
import type { WithoutRoutes, OutsideMesh } from './without-routes.ts'
import type { Completeness, RoutedService, ServiceVersion } from './service.ts'
import type { Traffic } from './traffic.ts'
import type { RouteChoice, Wanted, WantedCohort, WantedMirror, WantedStart, WantedSticky } from './wanted.ts'

/** What may be wanted of a service. */
export type Ability = 'cohorts' | 'weights' | 'mirrors' | 'init' | 'sticky' | 'previews'

/** One service as a routing API reads it; what is derived from it is derived when it is first asked for. */
export interface ServiceReading extends Completeness, OutsideMesh {
  /** A session: what is derived from it is derived once. */
  readonly view: ClusterView
  readonly service: RoutedService
  readonly versions: readonly ServiceVersion[]
  /** False where the workloads could not be read, so that a version without any may be ready. */
  readonly seesWorkloads: boolean
  readonly traffic: Traffic
  /** What of the routes takes no requests, with the rule that explains why. */
  readonly idleNotes: readonly Note[]
  /** Records of ours that cannot be read, each with the command that removes it. */
  readonly recordNotes: readonly Note[]
  /** The objects on which the traffic rests: what the rules are asked about for this service. */
  readonly subjects: readonly Ref[]
  /** What is recorded of a canary. */
  readonly canary: CanaryState
}

/** What is recorded of a service's canary on its routing objects. */
export interface CanaryState {
  /** The stable versions, one unless the objects disagree. */
  readonly stable: readonly string[]
  readonly cohorts: readonly WantedCohort[]
  /** How users keep their version of a split. */
  readonly sticky?: Omit<WantedSticky, 'since'>
  /** The versions that are shown at hosts of their own until they are promoted. */
  readonly previews?: readonly Preview[]
  /** The mirrors that were set by a command; those written by hand are not among them. */
  readonly mirrors: readonly WantedMirror[]
}

/** A version that is shown at hosts of its own. */
export interface Preview {
  readonly to: string
  readonly object: Ref
  readonly hosts: readonly string[]
}

/** One route of a service that an edit would change, or leave as it is. */
export interface EditableRoute {
  readonly object: Ref
  /** `spec.http[1]` */
  readonly place: string
  /** How a person names it: its name, else a path, else its place. */
  readonly word: string
  /** What it takes: `/items*`; empty for everything. */
  readonly takes: string
  /** The hosts whose requests it takes at gateways, as they are written; empty where it is for callers in the mesh alone. */
  readonly hosts: readonly string[]
  /** The versions that it sends requests to; none where it names no version, or is not reached. */
  readonly versions: readonly string[]
  /** It takes the requests of some senders only. */
  readonly singlesOut: boolean
  /** Whether the canary has changed it; left out where no record tells. */
  readonly isOnCanary?: boolean
}

/** Shadow traffic of a route that an edit would change. */
export interface EditableMirror {
  readonly object: Ref
  readonly place: string
  /** What it leads to: a version, any of them, or another host. */
  readonly to: string
  /** Set by a command, and not by hand. */
  readonly isOurs: boolean
  /** Set by a command in place of one by hand, which comes back without it. */
  readonly wasByHand: boolean
}

/** The routes of a service that an edit would change, as far as the choice of a stable version needs them. */
export interface EditableRoutes {
  /** The stable versions that are recorded on them. */
  readonly stable: readonly string[]
  /** The versions that take ordinary requests now: those that single nobody out. */
  readonly taking: readonly string[]
  /** Some ordinary requests go to any version. */
  readonly takesAny: boolean
  readonly routes: readonly EditableRoute[]
  /** Their shadow traffic. */
  readonly mirrors: readonly EditableMirror[]
  /** Routes to the service that are not changed, because a person chose others for this canary. */
  readonly leftOut: readonly EditableRoute[]
}

/** A cohort as it is recorded on one routing object. */
export interface RecordedCohort extends WantedCohort {
  /** As records name it: `catalog.shop`, or a host. */
  readonly service: string
  readonly routed: RoutedService
  readonly object: Ref
  /** The names of its routes on that object, and those of them that are not there any more. */
  readonly routes: readonly string[]
  readonly lost: readonly string[]
}

/** What an edit comes to. */
export interface ServiceEdit {
  /** In the order in which they are made: what is named before what names it. */
  readonly changes: readonly Change[]
  readonly notes: readonly Note[]
  /** The view with the changes, where it was made already. */
  readonly laterView?: ClusterView
}

/** The end of versions: the changes that remove what defines them, and those that routes still name. */
export interface RetiredVersions {
  readonly changes: readonly Change[]
  readonly named: readonly { readonly version: string; readonly routes: readonly Ref[] }[]
}

/** One write of a plan, and what must have happened before it. */
export interface PlanStep {
  readonly change: Change
  /**
   * `served`: the proxies have what the routes are about to name. `drained`: requests that were under way before
   * the routes changed are answered. `pods`: the pods that were asked for are ready.
   */
  readonly waits?: 'served' | 'drained' | 'pods'
}

/** What the controllers that carry an object out say of it as it is written. */
export type Confirmation =
  | { readonly state: 'confirmed' | 'pending' }
  /** They say nothing of such objects, or have not said anything yet. */
  | { readonly state: 'unknown' }
  | { readonly state: 'refused'; readonly by: string; readonly reason: string }

/** An object that another program rewrites: `Canary shop/catalog-release`. */
export interface OwnedObject {
  readonly object: KubeObject
  readonly owner: string
}

/** What an edit is made for. */
export interface EditPurpose {
  /** Cohorts need routes that can tell requests apart, and mirrors such as can copy them. */
  readonly needs: 'cohorts' | 'weights' | 'mirrors'
  /** The commands that give the service its first route, one for each version that may be stable, for hints. */
  readonly inits: readonly string[]
  /** The command that sends the same version a share of all requests, where it is known. */
  readonly byWeight?: string
  /** The whole command, for hints that repeat it with one more flag. */
  readonly command: string
  /** The routes that are meant; those that the canary is on already when left out, else all. */
  readonly choice?: RouteChoice | undefined
}

/** A service before and after an edit. */
export interface Turn {
  readonly before: ServiceReading
  readonly after: ServiceReading
}

/** The reading half of a routing API: what its objects say of services, versions and traffic. */
export interface RoutingReader {
  readonly name: string
  /** It carries the requests of Services that no other routing API routes: it competes with none. */
  readonly isLast?: true
  /** What is different where a person chose it, whatever else the cluster has. */
  readonly whenChosen?: Pick<RoutingReader, 'isRouted' | 'routedServices'>
  /** The kinds on which the reading rests. */
  readonly reads: readonly Kind[]
  /** Those of them that say where requests go: files with these are about their namespaces. */
  readonly routes: readonly Kind[]
  /** Those of them that tell the names of services, versions and cohorts, for completion. */
  readonly names: readonly Kind[]
  /** The gateways that a first route can have, as a command takes them: `NAME` or `NAMESPACE/NAME`. */
  gateways(view: ClusterView, namespace: string): readonly string[]
  /** The services of a namespace that are there or that routing objects name. */
  services(view: ClusterView, namespace: string): readonly RoutedService[]
  /** Those of them that something routes, in all namespaces with `*`. */
  routedServices(view: ClusterView, namespace: string, completeness: Completeness): readonly RoutedService[]
  /**
   * The service that is meant by the name of one: where versions are Services of their own, that of which it is a
   * version, or which the name's routes are for; else itself.
   */
  serviceMeantBy(view: ClusterView, said: RoutedService): RoutedService
  /** Whether some object routes requests to the service, or takes those for its host. */
  isRouted(view: ClusterView, service: RoutedService): boolean
  /** A host outside the cluster; undefined where no object provides or names it. */
  external(view: ClusterView, host: string, namespace: string): RoutedService | undefined
  /** Hosts outside the cluster that objects provide, for suggestions. */
  externalHosts(view: ClusterView): readonly string[]
  read(view: ClusterView, service: RoutedService, completeness: Completeness): ServiceReading
  /** Rules that send connections to a service, and that no edit changes; left out where the API has none. */
  readonly streams?: (view: ClusterView, service: RoutedService) => readonly StreamNote[]
  /** Every cohort that is recorded for services of the namespace, or with `*` of all. */
  cohorts(view: ClusterView, namespace: string): readonly RecordedCohort[]
  /** The routing objects of a service that another program would set back. */
  owned(view: ClusterView, service: RoutedService): readonly OwnedObject[]
}

/** A routing API: it reads services and traffic, edits objects, and decides where a request goes. It knows no verbs or flags. */
export interface Provider extends RoutingReader, RequestRouting, WithoutRoutes<ServiceReading> {
  /** Each ability: true, or a sentence that says why it is missing. */
  readonly can: Readonly<Record<Ability, true | string>>
  /** Query parameters are compared as a URL has them, not decoded; left out where that depends on the gateway. */
  readonly takesQueryAsWritten?: true
  /**
   * The routes that an edit would change. Throws a CanaryError: `not-found` where there is none, `refused`
   * where they cannot be edited.
   */
  editable(reading: ServiceReading, purpose: EditPurpose): EditableRoutes
  /** Brings the objects to the desired state. Throws a CanaryError `refused` where that cannot be. */
  edit(reading: ServiceReading, wanted: Wanted, purpose: EditPurpose): ServiceEdit
  /** Throws a CanaryError `not-found` where what a first route needs of the service is not in view. */
  requireProvided(view: ClusterView, service: RoutedService): void
  /** Gives a service its first routes, or throws a CanaryError; `insist` is the command with `--force`, for hints. */
  start(reading: ServiceReading, wanted: WantedStart, insist: string): ServiceEdit
  /**
   * Removes the definitions of versions that no route names, and reports the others. Throws a CanaryError `refused`
   * where a controller owns them.
   */
  retire(reading: ServiceReading, versions: readonly string[]): RetiredVersions
  /** The changes of an edit in an order in which no route ever leads to what is not there; an object may be written twice. */
  arrange(changes: readonly Change[]): readonly PlanStep[]
  /** What controllers say of a routing object; left out for a routing API in which they say nothing. */
  readonly confirmationOf?: (object: KubeObject) => Confirmation
  /** What the destinations of a routing object have of their own; left out where they have nothing. */
  readonly settingsOf?: (reading: ServiceReading, object: KubeObject) => readonly DestinationSettings[]
  /** Throws a CanaryError `refused` where requests that were answered would be no longer. */
  requireAnswered(turn: Turn): void
}

/** Throws a CanaryError `refused` for an object that a controller would set back at once. */
export function refuseOwned({ object, owner }: OwnedObject): void {
  throw new CanaryError(
    'refused',
    `${object.kind} ${namespaceOf(object)}/${object.metadata.name} belongs to ${owner}, which would set any edit back`,
    { owner, hints: [changeOwner(owner)] },
  )
}
