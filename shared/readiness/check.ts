import type { Kind } from '../objects/kinds.ts'
import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Finding, Setting } from '../rules/rule.ts'
import type { NamespaceSubject, ServiceSubject } from './subject.ts'

/** Ready, ready but worth a look, something breaks, or nobody can tell from here. */
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

/** How to fix it, on a cluster and in files. */
export interface ReadinessFix {
  /** Commands that work as they stand, and sentences before or between them. */
  readonly commands: readonly string[]
  /** The fields that they set, and their values; undefined where a field goes. */
  readonly sets?: readonly Setting[]
  /** The objects that they make. */
  readonly creates?: readonly KubeObject[]
  /** What is said of files, where it is neither. */
  readonly files?: readonly string[]
}

/** What all checks have. */
interface CheckOf<S> {
  /** It is for ever: people filter reports by it. */
  readonly id: string
  /** One sentence: what must hold. */
  readonly summary: string
  /** How to fix it, in general. */
  readonly fix: string
  /** The kinds without which nothing is said. */
  readonly needs: readonly Kind[]
  /** The states that it can end in besides pass and unknown, for the documentation. */
  readonly states: readonly ('warn' | 'fail')[]
  /** It judges what runs, so that nothing is said of files. */
  readonly liveOnly?: true
  /** It is about what proxies of a mesh do, so that nothing is said of a service that no mesh routes. */
  readonly ofMesh?: true
  /** What is found, worst or not; nothing where the check does not apply. */
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
