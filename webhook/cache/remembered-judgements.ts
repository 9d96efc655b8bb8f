import { kindOf } from '../../shared/objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { judgeChanges, type Judge, type Judgement } from '../../shared/rules/introduced.ts'
import { derivedOnce } from '../../shared/objects/unchecked.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { haveSameKeys } from '../../shared/view/index-table.ts'
import { TracedView } from '../../shared/view/traced.ts'
import { isJudgedWhole } from './istio-violations.ts'
import { projectObject } from './project-object.ts'
import { differenceOf, readByRules, type RuleDifference } from './same-to-rules.ts'
import { valuesIn } from './too-large.ts'

/** Judges one change; see `judgeChanges`. */
export type JudgeChange = (judge: Judge, view: ClusterView, change: Change) => Judgement

/** Values and answers that are kept, of all judgements together: about 20 MiB. */
const mostKept = 150_000
/** Those of one judgement; what is larger is rare and would displace many. */
const mostOfOne = 5_000

interface Remembered {
  readonly judge: Judge
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
  /** The very object that `before` was read from: the cache's is the same as long as it does not change. */
  readonly source: KubeObject | undefined
  /** What it rests on. */
  readonly asked: TracedView
  readonly judgement: Judgement
  readonly size: number
}

/**
 * Judges a change as `judgeChanges` does, and remembers the last judgement of each object with all that was asked
 * of the view. The same change (Flux and others send a dry run first) is not judged again while the view still
 * gives the same answers. One that differs from it in positive weights alone, as the steps of a canary do, is judged
 * anew by the rules about weights; no other rule tells one positive weight from another.
 */
export function rememberingJudgements(most = mostKept): JudgeChange {
  const memory = new Memory(most)
  return (judge, asking, written) => {
    // Who notes what a review asks, notes what the judgement rests on; the judgement itself is kept longer than that.
    const noted = asking instanceof TracedView ? asking : undefined
    const view = noted?.below ?? asking
    const ref = changedRef(written)
    const change = { before: ofCache(written.before, view.get(ref)), after: written.after }
    const after = sideOf(change.after)
    const before = change.before === written.before ? sideOf(change.before) : change.before
    if (before === tooLarge || after === tooLarge) return judgeChanges(judge, asking, [change])
    const key = keyOf(ref)
    const last = memory.get(key)
    const known = last && recalled(last, { judge, view, change, before, after })
    if (known !== undefined) {
      if (known !== last) memory.set(key, known)
      noted?.include(known.asked)
      return known.judgement
    }
    const asked = new TracedView(view)
    noted?.include(asked)
    const judgement = judgeChanges(judge, asked, [change])
    const kept = keptOf(before, after)
    const size = asked.size + valuesIn(kept.before) + valuesIn(kept.after)
    memory.set(key, { ...kept, judge, asked, judgement, size })
    return judgement
  }
}

interface Asked extends Pick<Remembered, 'judge' | 'before' | 'after'> {
  readonly view: ClusterView
  readonly change: Change
}

/**
 * What is remembered, where it is of the same change. Of one that differs in weights alone, what is remembered in its
 * place: it comes again, as a write after its dry run, and the next step differs from it as little.
 */
function recalled(last: Remembered, { judge, view, change, before, after }: Asked): Remembered | undefined {
  if (last.judge !== judge) return undefined
  const difference = heavier(before === last.source ? 'none' : differenceOf(last.before, before), () =>
    differenceOf(last.after, after),
  )
  if (difference === 'other' || !last.asked.holdsIn(view, isObject(changedRef(change)))) return undefined
  haveSameKeys(change.after, last.after)
  if (difference === 'none') return last
  const kept = keptOf(before, after)
  haveSameKeys(kept.after, last.after)
  return { ...last, ...kept, judgement: withWeightsOf(last.judgement, judge, { view, change }) }
}

/**
 * What the cache keeps of an object, where it is the same version: it is read and compared already, and rules find in
 * it what they find in the whole.
 */
const ofCache = (object: KubeObject | undefined, cached: KubeObject | undefined): KubeObject | undefined =>
  object?.metadata.resourceVersion !== undefined
  && object.metadata.resourceVersion === cached?.metadata.resourceVersion
    ? cached
    : object

const keptOf = (
  before: KubeObject | undefined,
  after: KubeObject | undefined,
): Pick<Remembered, 'before' | 'after' | 'source'> => ({
  source: before,
  before: before && readByRules(before),
  after: after && readByRules(after),
})

/** The judgements that were used last, as many as may be kept. */
class Memory {
  readonly #most: number
  readonly #byKey = new Map<string, Remembered>()
  #kept = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): Remembered | undefined {
    const found = this.#byKey.get(key)
    if (found === undefined) return undefined
    this.#byKey.delete(key)
    this.#byKey.set(key, found)
    return found
  }

  set(key: string, remembered: Remembered): void {
    this.#delete(key)
    if (remembered.size > mostOfOne) return
    this.#byKey.set(key, remembered)
    this.#kept += remembered.size
    for (const oldest of this.#byKey.keys()) {
      if (this.#kept <= this.#most) break
      this.#delete(oldest)
    }
  }

  #delete(key: string): void {
    this.#kept -= this.#byKey.get(key)?.size ?? 0
    this.#byKey.delete(key)
  }
}

/** A judgement with what the rules about weights find in a change of other weights. */
function withWeightsOf(
  { introduced, standing }: Judgement,
  judge: Judge,
  { view, change }: { readonly view: ClusterView; readonly change: Change },
): Judgement {
  const aboutWeights = weightsOf(judge)
  const own = judgeChanges(aboutWeights.judge, view, [change])
  const changed = keyOf(changedRef(change))
  const others = ({ rule, ref }: Finding): boolean => !aboutWeights.ids.has(rule) || keyOf(ref) !== changed
  return {
    introduced: [...own.introduced, ...introduced.filter(others)],
    standing: [...own.standing, ...standing.filter(others)],
  }
}

/** The part of a judge that judges the weights of the changed object. */
const weightsOf = derivedOnce(
  (judge: Judge): { readonly judge: Judge; readonly ids: ReadonlySet<string> } => {
    const rules = judge.rules.filter(({ isAboutWeights }) => isAboutWeights)
    return { judge: { ...judge, rules, mostSubjects: 1 }, ids: new Set(rules.map(({ id }) => id)) }
  },
)

const tooLarge = Symbol('an object that is too large to be judged')
type Side = KubeObject | undefined | typeof tooLarge

/** What rules read of an object: the whole of one that Istio validates, else what the cache would keep of it. */
function sideOf(object: KubeObject | undefined): Side {
  if (object === undefined || isJudgedWhole(object)) return object
  return projectObject(object) ?? tooLarge
}

function heavier(one: RuleDifference, other: () => RuleDifference): RuleDifference {
  if (one === 'other') return one
  const second = other()
  return second === 'none' ? one : second
}

const isObject =
  ({ kind, namespace, name }: ReturnType<typeof changedRef>) =>
  (object: KubeObject): boolean =>
    object.metadata.name === name && namespaceOf(object) === namespace && kindOf(object) === kind
