import { kindOf } from '../../shared/objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { judgeChanges, type Judge, type Judgement } from '../../shared/rules/introduced.ts'
import { derivedOnce } from '../../shared/objects/unchecked.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { opennessOf, type Openness } from '../../shared/providers/istio/resolve/objects/shadowed.ts'
import type { AnyRule, Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { haveSameKeys } from '../../shared/view/index-table.ts'
import { TracedView } from '../../shared/view/traced.ts'
import { isJudgedWhole } from './istio-violations.ts'
import { projectObject } from './project-object.ts'
import { differenceOf, heavier, readByRules } from './same-to-rules.ts'
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
  /** What it depends on. */
  readonly asked: TracedView
  readonly judgement: Judgement
  readonly size: number
  /** What the routes of `after` leave to each other, where that was asked. */
  readonly openness?: Openness | undefined
}

/**
 * Judges a change as `judgeChanges` does, and remembers the last judgement of each object with all that was asked
 * of the view. The same change (Flux and others send a dry run first) is not judged again while the view still
 * gives the same answers. One that differs from it in positive weights alone, as the steps of a canary do, is judged
 * anew by the rules about weights; no other rule tells one positive weight from another. One that differs in what its http
 * routes require of requests, or in a field that only Istio's validation reads, is judged again by that as well, if no rule found
 * anything else and its matches hide no route from the others.
 */
export function rememberingJudgements(most = mostKept): JudgeChange {
  const memory = new Memory(most)
  return (judge, asking, written) => {
    // Who notes what a review asks, notes what the judgement depends on; the judgement itself is kept longer than that.
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
  const anew = rejudged(last, difference, { judge, view, change })
  if (anew === undefined) return undefined
  const kept = keptOf(before, after)
  haveSameKeys(kept.after, last.after)
  return { ...last, ...kept, ...anew }
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

/**
 * The judgements that were used last, as many as may be kept: those of two periods, of which the earlier one is forgotten
 * when the later one has half of what may be kept. To keep them in the order of their use, each would be deleted and set
 * at each use; V8 keeps what was in the tables of such a Map until its next full garbage collection.
 */
class Memory {
  readonly #most: number
  #now = new Map<string, Remembered>()
  #before: ReadonlyMap<string, Remembered> = new Map()
  #kept = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): Remembered | undefined {
    const current = this.#now.get(key)
    if (current !== undefined) return current
    const earlier = this.#before.get(key)
    if (earlier !== undefined) this.set(key, earlier)
    return earlier
  }

  set(key: string, remembered: Remembered): void {
    if (remembered.size > mostOfOne) return
    this.#kept += remembered.size - (this.#now.get(key)?.size ?? 0)
    this.#now.set(key, remembered)
    if (this.#kept <= this.#most / 2) return
    this.#before = this.#now
    this.#now = new Map()
    this.#kept = 0
  }
}

/**
 * What the rules find anew that read what differs, with all else that is remembered. Undefined where that does not tell:
 * where routes hide others, or something was found that may say what a route asks.
 */
function rejudged(
  last: Remembered,
  difference: 'weights' | 'details',
  asked: Pick<Asked, 'judge' | 'view' | 'change'>,
): Pick<Remembered, 'judgement' | 'openness'> | undefined {
  const own = ownRulesOf(asked.judge)[difference]
  if (difference === 'weights') return { judgement: withOwn(last.judgement, own, asked) }
  const { introduced, standing } = withoutOwn(last.judgement, own, asked.change)
  if (introduced.length > 0 || standing.length > 0) return undefined
  const openness = last.openness ?? openIn(last.after)
  if (openness === undefined || openness !== openIn(asked.change.after)) return undefined
  return { judgement: withOwn(last.judgement, own, asked), openness }
}

/** What the routes leave to each other in a state of a VirtualService, which alone differs in details. */
const openIn = (object: KubeObject | undefined): Openness | undefined =>
  object && opennessOf(object as VirtualService)

/** A judgement with what some rules find anew on the changed object. */
function withOwn(
  judgement: Judgement,
  own: OwnRules,
  { view, change }: Pick<Asked, 'view' | 'change'>,
): Judgement {
  const found = judgeChanges(own.judge, view, [change])
  const { introduced, standing } = withoutOwn(judgement, own, change)
  return {
    introduced: [...found.introduced, ...introduced],
    standing: [...found.standing, ...standing],
  }
}

/** A judgement without what some rules found on the changed object. */
function withoutOwn({ introduced, standing }: Judgement, { ids }: OwnRules, change: Change): Judgement {
  if (introduced.length === 0 && standing.length === 0) return { introduced, standing }
  const changed = keyOf(changedRef(change))
  const isOther = ({ rule, ref }: Finding): boolean => !ids.has(rule) || keyOf(ref) !== changed
  return { introduced: introduced.filter(isOther), standing: standing.filter(isOther) }
}

interface OwnRules {
  readonly judge: Judge
  readonly ids: ReadonlySet<string>
}

/** The parts of a judge that judge the changed object by itself: its weights, and with these every field of it. */
const ownRulesOf = derivedOnce((judge: Judge): Readonly<Record<'weights' | 'details', OwnRules>> => {
  const part = (isMeant: (rule: AnyRule) => boolean | undefined): OwnRules => {
    const rules = judge.rules.filter(isMeant)
    return { judge: { ...judge, rules, mostSubjects: 1 }, ids: new Set(rules.map(({ id }) => id)) }
  }
  return {
    weights: part(({ isAboutWeights }) => isAboutWeights),
    details: part(({ isAboutWeights, readsEveryField }) => isAboutWeights ?? readsEveryField),
  }
})

const tooLarge = Symbol('an object that is too large to be judged')
type Side = KubeObject | undefined | typeof tooLarge

/** What rules read of an object: the whole of one that Istio validates, else what the cache would keep of it. */
function sideOf(object: KubeObject | undefined): Side {
  if (object === undefined || isJudgedWhole(object)) return object
  return projectObject(object) ?? tooLarge
}

const isObject =
  ({ kind, namespace, name }: ReturnType<typeof changedRef>) =>
  (object: KubeObject): boolean =>
    object.metadata.name === name && namespaceOf(object) === namespace && kindOf(object) === kind
