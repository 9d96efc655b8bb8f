import type { KubeObject, Labels, Ref } from '../objects/kube-object.ts'
import type { Path } from '../objects/paths.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import type { ClusterView } from '../view/cluster-view.ts'

export { formatPath, type Path } from '../objects/paths.ts'

export type Severity = 'error' | 'warning' | 'info'
/** How heavy a finding is at admission, and on files or a standing cluster. */
export interface Severities {
  readonly webhook: Severity
  readonly lint: Severity
}

/** What people may choose about the rules as a whole. */
export interface RuleSettings {
  /**
   * These objects are the whole world: what is not among them does not exist (`lint --complete`, and a live
   * cluster).
   */
  readonly complete: boolean
  /**
   * The objects are those of files, judged by themselves: what they show to be wrong beside each other is said as
   * well, such as a name that is a letter away from another one.
   */
  readonly folder?: boolean
  /** Accept any positive sum of weights, as Istio does. */
  readonly relativeWeights: boolean
  /**
   * Says what is wrong with a linear-time regular expression (RE2), or nothing. Handed in, because rules
   * import no package; left out, none is judged.
   */
  readonly re2Fault?: (pattern: string) => string | undefined
  /**
   * The time, in milliseconds since 1970. Handed in, so that findings are the same for the same input; left
   * out, nothing is expired.
   */
  readonly now?: number
}

export interface Violation {
  readonly path: Path
  /** Where what is wrong is written, where that is another object: the delegate of a route. */
  readonly writtenAt?: { readonly ref: Ref; readonly path: Path }
  readonly message: string
  /**
   * What it is about, free of places and prose: two violations about the same are the same violation,
   * wherever the route has moved.
   */
  readonly about: string
  /** The command or edit that fixes this one, by its lines if there are several; the rule's own fix when left out. */
  readonly fix?: string | readonly string[]
  /**
   * The one field that the fix sets, where that is all it does: whoever is about to write the object sets
   * it there at once.
   */
  readonly sets?: Setting
  /** The object that the fix makes, where that is all it does. */
  readonly creates?: KubeObject
  /** The place of the finding on the same object whose fix is meant, as both need the same. */
  readonly fixedWith?: Path
  /**
   * The words after `kubectl canary` of the command that fixes what is written already, such as one that removes a
   * cohort; an edit that would only now write it is fixed by `fix`.
   */
  readonly canary?: readonly string[]
  /** Where this one weighs otherwise than the rule does. */
  readonly severity?: Severities
  /** Where this one is a stage of another defect than the rule's own family says. */
  readonly family?: string
  /** It rests on something that is not there (yet): a DestinationRule, a subset, a Service, a workload. */
  readonly absent?: 'subset' | 'host' | 'workload' | 'other'
  /** Who asks it of the object, where that is not the object itself: the routes that lead to it. */
  readonly askedBy?: readonly AskedBy[]
  /** The namespaces of clients whose own DestinationRules for wildcard hosts alone cause it. */
  readonly causedIn?: readonly string[]
  /**
   * What to read again before anybody is refused for it: an object by name (present or absent), or a kind in
   * a namespace.
   */
  readonly restsOn?: readonly RestsOn[]
  /**
   * The objects, besides the subject, whose names or other data are in the message or the fix: who may not read
   * them is told neither. In the namespace `''`, those of all namespaces. When left out, whatever the rule reads.
   */
  readonly tells?: readonly KindIn[]
}
/**
 * A field of an object, and the value that fixes it (undefined where it is to go); or a list, and the item
 * that it is to have.
 */
export interface Setting {
  readonly ref: Ref
  readonly path: Path
  readonly value: unknown
  readonly isItem?: boolean
}
/** The namespace of a route that asks something of an object, and of the DestinationRule by which it does, if any. */
export interface AskedBy {
  readonly route: string
  readonly rule?: string
  /** The objects in which the route and the DestinationRule are written. */
  readonly writtenIn?: readonly Ref[]
  /** The keys of the labels that it asks for. */
  readonly labelKeys?: readonly string[]
}
export type RestsOn = Ref | KindIn

/** The objects of a kind in a namespace; of those with some labels where they are said. */
export interface KindIn {
  readonly kind: Kind
  readonly namespace: string
  readonly name?: undefined
  readonly labels?: Labels
}

export interface Finding extends Violation {
  readonly rule: string
  readonly family: string
  readonly ref: Ref
  readonly severity: Severities
  readonly fix: string
  /** The steps of a fix that has several, in their order; `fix` has them all. */
  readonly steps?: readonly FixStep[]
}

/** One step of a fix: what is said of it, and what it does where that is known. */
export interface FixStep extends Pick<Violation, 'sets' | 'creates'> {
  readonly fix: string
}

/** The cluster without a change and with it. */
export interface Sides {
  readonly before: ClusterView
  readonly after: ClusterView
}

/** What makes a finding heavier because of the change that leads to it, which no single view shows. */
export interface Worsening {
  /** When that is, as a sentence of the documentation. */
  readonly summary: string
  /**
   * What the finding is then; undefined where the change makes no difference. With a severity it counts as
   * introduced by the change, even if one like it was there before.
   */
  weigh(
    sides: Sides,
    finding: Finding,
    settings: RuleSettings,
  ):
    | Partial<Pick<Violation, 'severity' | 'message' | 'fix' | 'sets' | 'absent' | 'restsOn' | 'tells'>>
    | undefined
}

/**
 * One thing that must hold of one kind of object. It reads the view and yields what is wrong; it neither
 * fetches nor edits.
 */
export interface Rule<K extends Kind = Kind> {
  readonly id: string
  /**
   * Rules about one defect seen in several stages share a family, so that one stage turning into another is
   * not a new fault. The id when left out.
   */
  readonly family?: string
  readonly severity: Severities
  /** One sentence: what must hold. */
  readonly summary: string
  /** How to fix it, in general. */
  readonly fix: string
  readonly subject: K
  /** Every kind that `check` asks the view for, besides the subject's. */
  readonly reads: readonly Kind[]
  /**
   * Those without which it would accuse the innocent: it is silent where one of them could not be read. All
   * that it reads when left out.
   */
  readonly needs?: readonly Kind[]
  /**
   * It reads the weights of its object's routes and nothing else of the view. No other rule tells one positive
   * weight from another, so that a change of weights need not be judged again by the others.
   */
  readonly isAboutWeights?: true
  /**
   * It reads every field of its object and nothing else of the view. No other rule reads fields such as the timeouts of
   * http routes; and what their matches require of requests is to others only whether a route leaves something to the next.
   */
  readonly readsEveryField?: true
  check(view: ClusterView, subject: ObjectOf<K>, settings: RuleSettings): Iterable<Violation>
  /** Asked only of what `check` finds after a change. */
  readonly worsening?: Worsening
}

/** A rule of any subject, as the catalogue holds it. */
export type AnyRule = { readonly [K in Kind]: Rule<K> }[Kind]
