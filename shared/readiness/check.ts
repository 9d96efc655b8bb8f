import type { Kind } from '../objects/kinds.ts'
import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Finding, Setting } from '../rules/rule.ts'
import type { NamespaceSubject, ServiceSubject } from './subject.ts'

/** `warn`: it works, with a risk; `fail`: something breaks; `unknown`: this cannot be told from what was read. */
export type ReadinessState = 'pass' | 'warn' | 'fail' | 'unknown'

/** One thing that a check found. */
export interface CheckResult {
  readonly state: ReadinessState
  /** The object that it is about; that of the report when left out. */
  readonly ref?: Ref | undefined
  /** One sentence without its full stop. */
  readonly message: string
  readonly fix?: ReadinessFix | undefined
  /** The finding of a rule that says the same. */
  readonly finding?: Finding
}

/** How to fix a result, on a cluster and in files. */
export interface ReadinessFix {
  /** On a cluster: commands that can be run as they are, and sentences before or between them. */
  readonly commands: readonly string[]
  /** In files, the fields to set; a value that is undefined removes its field. */
  readonly sets?: readonly Setting[]
  /** In files, the objects to add. */
  readonly creates?: readonly KubeObject[]
  /** In files, these lines instead of all the others. */
  readonly files?: readonly string[]
}

/** What all checks have. */
interface CheckOf<S> {
  /** It never changes: people filter reports by it. */
  readonly id: string
  /** One sentence: what must hold. */
  readonly summary: string
  /** How to fix it, in general. */
  readonly fix: string
  /** The kinds that must be readable: if one is not, the check ends in `unknown`. */
  readonly needs: readonly Kind[]
  /** The states that it can end in besides pass and unknown, for the documentation. */
  readonly states: readonly ('warn' | 'fail')[]
  /** It judges what runs: on files it is left out. */
  readonly liveOnly?: true
  /** It is about what the proxies of a mesh do: it is left out for a service that no mesh routes. */
  readonly ofMesh?: true
  /** All results, in any order; none if the check does not apply. */
  check(subject: S): Iterable<CheckResult>
}

/** One thing that must hold of a service that is to have a canary. */
export type ServiceCheck = CheckOf<ServiceSubject>

/** One thing that must hold of a namespace whose application is in the mesh. */
export type NamespaceCheck = CheckOf<NamespaceSubject>

const order: readonly ReadinessState[] = ['fail', 'warn', 'unknown', 'pass']

/** The state of several together: the worst. */
export const worstOf = (states: readonly ReadinessState[]): ReadinessState =>
  order.find(state => states.includes(state)) ?? 'pass'
