import type { Kind, KubeObject, Ref } from '../objects/kube-object.ts'
import type { Change } from '../view/change.ts'
import type { NoteFix } from './note.ts'
import type { ClusterView } from '../view/cluster-view.ts'

/** The commands that a person may give to a program that owns a rollout. */
export type ControllerOrder = 'step' | 'full' | 'abort' | 'retry' | 'pause' | 'resume' | 'undo'

/** The object of a controller that stands against an edit, and where a person would change it. */
export interface OwnedPlace {
  readonly owner: PlacedName
  /** Undefined where it is not in view. */
  readonly object: KubeObject | undefined
  /** How it is named after `kubectl canary VERB`: `catalog -n shop`. */
  readonly named: string
  /** The words that name the files that are worked on: `-f k8s`; empty on a cluster. */
  readonly files: string
  /** How its fields are changed: `kubectl edit rollout catalog -n shop`, or `edit Rollout shop/catalog in k8s/catalog.yaml:3`. */
  readonly edit: string
  readonly live: boolean
}

/** What a person may want to edit of a service by hand. */
export type OwnedVerb = 'init' | 'cohort' | 'weight' | 'mirror' | 'promote' | 'abort' | 'undo' | 'cleanup'

/** The namespace and the name of a Service, or of the object of a controller. */
export interface PlacedName {
  readonly namespace: string
  readonly name: string
}

/** The object of a controller that owns a rollout: a Rollout, a Canary. */
export interface ControlledRollout {
  readonly controller: Controller
  readonly object: KubeObject
  /** As errors and screens name it: `Rollout shop/catalog`. */
  readonly owner: string
}

/** An order, and what it depends on besides the object. */
export interface OrderWords {
  readonly order: ControllerOrder
  /** For an undo: the revision to go back to; the one before the newest when left out. */
  readonly toRevision?: number | undefined
  /** What the controller has made of the object and a view does not hold: the ReplicaSets of a Rollout. */
  readonly parts: readonly KubeObject[]
  /** How a person names it after `kubectl canary VERB`, for hints: `catalog -n shop`. */
  readonly named: string
  /** ` on the cluster` where the order is to files, and what is left to do is not for these; else empty. */
  readonly where?: string
}

/** What carries an order out: the patches of the controller's own command line. */
export interface DrivenRollout {
  /** In the order in which they are written; none where everything is as asked. */
  readonly changes: readonly Change[]
  /** What happens, a sentence each. */
  readonly says: readonly string[]
  /** What a person should know besides, a sentence each. */
  readonly notes: readonly string[]
  /** What is called besides, after the changes. */
  readonly calls?: readonly ControllerCall[]
  /**
   * Where the rollout was when this was decided, in a few words: where somebody writes meanwhile and it is elsewhere, a
   * person did not mean what would be done now. Left out where it is right wherever the rollout is.
   */
  readonly at?: string
}

/** A POST through the API server to a web server of the cluster, and the command that does the same. */
export interface ControllerCall {
  /** `/api/v1/namespaces/test/services/http:flagger-loadtester:80/proxy/rollback/open`. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly command: string
}

/** Pods of one revision of a rollout. */
export interface RolloutRevision {
  readonly name: string
  readonly revision?: number
  /** Of a blue-green rollout: which of its two Services leads to it. */
  readonly role: 'stable' | 'canary' | 'active' | 'preview' | 'old'
  readonly ready: number
  readonly wanted: number
  readonly images: readonly string[]
}

/** A question of a controller to a web server before it continues. */
export interface RolloutGate {
  readonly name: string
  /** `confirm-promotion`, `rollback`. */
  readonly type: string
  readonly url: string
}

/** A Service of a rollout, and the pods to which it leads. */
export interface DrivenService {
  readonly name: string
  /** `active`, `preview`; `stable`, `canary`; `primary`. */
  readonly role: string
  /** `the pods of revision 2`, `the pods of Deployment catalog-primary`. */
  readonly to: string
}

/** A router of a controller whose objects no routing API here reads. */
export interface UnreadRouter {
  /** `trafficRouting.alb`, `provider nginx`. */
  readonly field: string
  /** `Ingress shop/cart`; none where they are not known. */
  readonly objects: readonly string[]
}

/** How far a rollout of a controller is, as its object says. */
export interface ControllerState {
  /** `Argo Rollouts`. */
  readonly controller: string
  readonly object: Ref
  /** In the words of the controller: `Paused`, `Progressing`. */
  readonly phase: string
  readonly message?: string
  /** What the canary gets of the requests, in percent. */
  readonly weight?: number
  /** The present step from 1, where there is one; after the last one it is one more than there are. */
  readonly step?: number
  /** In a few words each: `setWeight 20`. */
  readonly steps?: readonly string[]
  readonly failures?: { readonly count: number; readonly threshold: number }
  readonly iterations?: { readonly done: number; readonly of: number }
  /** A person holds it: `spec.paused`, `spec.suspend`. */
  readonly held: boolean
  /** What ends the pause of a blue-green rollout before its switch, in a few words. */
  readonly promotion?: string
  /** The Services that it points at pods, where there is a route to them or not. */
  readonly services: readonly DrivenService[]
  /** Those that it makes and that are not in view. */
  readonly makes?: readonly string[]
  readonly revisions: readonly RolloutRevision[]
  readonly gates: readonly RolloutGate[]
  /** The routing objects that it writes. */
  readonly routes: readonly Ref[]
  /** What divides its requests besides and is not read; left out where nothing does. */
  readonly unreadRouters?: readonly UnreadRouter[]
}

/**
 * Somebody else's program that owns rollouts: it says who owns what, how far that is, and how it is driven. The routes
 * that it writes are read by the provider of their routing API.
 */
export interface Controller {
  /** `argo-rollouts`. */
  readonly name: string
  /** `Argo Rollouts`. */
  readonly title: string
  /** The kind of the objects that are its rollouts. */
  readonly kind: Kind
  /** The kinds on which its answers rest. */
  readonly reads: readonly Kind[]
  /** Each order: true, or a sentence that says why it does not have it. */
  readonly can: Readonly<Record<ControllerOrder, true | string>>
  /** The Services that an object names or makes, whether they are there or not; the one that people ask for first. */
  servicesOf(object: KubeObject): readonly PlacedName[]
  /** A version is being rolled out, or has been given up and is not taken back. */
  isUnderWay(object: KubeObject): boolean
  /** The workload for whose pods it makes Services; left out where it makes none. */
  readonly targetOf?: (object: KubeObject) => Ref | undefined
  /** The names by which people know the version that is rolled out, and the stable one. */
  versionsOf(
    view: ClusterView,
    object: KubeObject,
  ): { readonly canary: readonly string[]; readonly stable: readonly string[] }
  /** What it has made that a view does not hold, as a question to the API server; left out where there is nothing. */
  readonly partsOf?: (object: KubeObject) => { readonly kind: Kind; readonly labelSelector: string }
  state(view: ClusterView, object: KubeObject, parts: readonly KubeObject[]): ControllerState
  /** Throws a CanaryError `refused` where the order cannot be carried out, or would be dropped in silence. */
  drive(view: ClusterView, object: KubeObject, words: OrderWords): DrivenRollout
  /**
   * Whether the service of an object may be edited by hand now: a sentence that warns of it, or undefined where it may
   * not.
   */
  yields(object: KubeObject, verb: OwnedVerb): string | undefined
  /**
   * How its routes come to be for callers in the mesh as well; left out, or undefined, where they are not its own but a
   * person's.
   */
  readonly coverMesh?: (object: KubeObject) => NoteFix | undefined
  /** What to do at the controller instead of an edit by hand, a sentence each. */
  instead(verb: OwnedVerb, asked: OwnedPlace): readonly string[]
}

/** What is said of the owner of an object where nothing more is known of it. */
export const changeOwner = (owner: string): string =>
  `Change ${owner} instead, or remove its ownership first to do the rollout by hand.`
