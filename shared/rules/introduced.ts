import { keyOf, type Ref } from '../objects/kube-object.ts'
import { refOf } from '../objects/kinds.ts'
import { valueAt } from '../objects/paths.ts'
import { changedRef, merged, revert, type Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { overlay } from '../view/overlay.ts'
import { derivingFor } from '../objects/unchecked.ts'
import { changesOfPods } from '../workloads/pods/made-pods.ts'
import { inSession, sessionOf, Spent, type Meter } from '../view/session.ts'
import { affected } from './affected/affected.ts'
import { hasSameScope } from './affected/same-scope.ts'
import { ableRules, findingsOn, identityOf, ruleOf, worsened, type AbleRules } from './findings.ts'
import { triedBefore, triedIn, withWholeFixes } from './tried-fixes.ts'
import {
  formatPath,
  type AnyRule,
  type Finding,
  type RuleSettings,
  type Sides,
  type Worsening,
} from './rule.ts'

export interface Judgement {
  /** What the changes break: not there before. */
  readonly introduced: readonly Finding[]
  /** What was found before and still is, on the objects that the changes touch or affect. */
  readonly standing: readonly Finding[]
}

/** The rules to judge by, and the choices about them. */
export interface Judge {
  readonly rules: readonly AnyRule[]
  readonly settings: RuleSettings
  /**
   * At most so many objects are judged for a change, those that it touches first; all that it affects when
   * left out.
   */
  readonly mostSubjects?: number
  /** A new meter for each judgement, which ends it when too much was asked; unlimited when left out. */
  readonly meter?: () => Meter
}

/**
 * What the changes break: the findings after them, less those that were there before, as a multiset. Serves
 * the plan, the lint of an
 * overlay and the webhook. "Before" comes from the changes themselves, so a view that lags behind or runs
 * ahead of them does not matter.
 * Throws {@link Spent} where what is changed takes more than the meter lets pass; what else is affected is
 * judged as far as it reaches.
 */
export function judgeChanges(judge: Judge, view: ClusterView, changes: readonly Change[]): Judgement {
  const all = merged(changes)
  const objects = all.flatMap(({ before, after }) => [before ?? [], after ?? []].flat())
  return derivingFor(objects, () => judgeMerged(judge, view, all))
}

function judgeMerged(judge: Judge, view: ClusterView, all: readonly Change[]): Judgement {
  const meter = judge.meter?.()
  // What a pod has of its template says nothing of the pods that the next template makes.
  const [before, after] = [all.map(revert), [...all, ...changesOfPods(view, all)]].map(side =>
    sessionOf(overlay(view, side), meter),
  ) as [ClusterView, ClusterView]
  const able = ableRules(judge.rules, view)
  const judgements = new Map<string, Judgement>()
  const judgeOnce = (ref: Ref): void => {
    if (judgements.has(keyOf(ref))) return
    const found = findingsOn(judge.settings, able, { view: after, ref })
    // What was there before matters only where something is there now.
    const known = found.length === 0 ? [] : findingsOn(judge.settings, able, { view: before, ref })
    const sides = { before, after }
    judgements.set(keyOf(ref), weighed(split(found, known, sides), worseningBy(judge, able, sides)))
  }
  for (const change of all) judgeOnce(changedRef(change))
  const most = judge.mostSubjects ?? Infinity
  try {
    for (const { side, asked } of judgements.size < most ? sidesToAsk({ before, after }, all) : []) {
      for (const ref of affected(side, asked)) {
        if (judgements.size >= most) break
        judgeOnce(ref)
      }
    }
  } catch (error) {
    if (!(error instanceof Spent)) throw error
  }
  const found = [...judgements.values()]
  return {
    introduced: withWholeFixes(
      found.flatMap(({ introduced }) => introduced),
      finding =>
        triedBefore(
          { before, after },
          { rule: ruleOf(able, finding), settings: judge.settings, finding, meter },
        ),
    ),
    standing: found.flatMap(({ standing }) => standing),
  }
}

/** Which sides are to be asked what else the changes affect, and about what: one where both give the same answers. */
const sidesToAsk = (
  { before, after }: Sides,
  all: readonly Change[],
): readonly { readonly side: ClusterView; readonly asked: readonly Change[] }[] =>
  all.every(hasSameScope)
    ? [{ side: after, asked: all.map(change => ({ after: change.after })) }]
    : [
        { side: before, asked: all },
        { side: after, asked: all },
      ]

/** Only what is new; see `judgeChanges`. */
export const introduced = (judge: Judge, view: ClusterView, changes: readonly Change[]): readonly Finding[] =>
  judgeChanges(judge, view, changes).introduced

/** Every finding on the given objects, in the order of the objects and the rules. */
export function findingsOf(judge: Judge, view: ClusterView, subjects: readonly Ref[]): readonly Finding[] {
  const meter = judge.meter?.()
  const session = meter === undefined ? inSession(view) : sessionOf(view, meter)
  const able = ableRules(judge.rules, view)
  const { settings } = judge
  return withWholeFixes(
    subjects.flatMap(ref => findingsOn(settings, able, { view: session, ref })),
    finding => triedIn(session, { rule: ruleOf(able, finding), settings, finding, meter }),
  )
}

type Weigh = (finding: Finding) => ReturnType<Worsening['weigh']>

/** What a change makes of a finding, by its rule. */
const worseningBy =
  ({ settings }: Judge, able: AbleRules, sides: Sides): Weigh =>
  finding =>
    able
      .get(finding.ref.kind)
      ?.find(({ id }) => id === finding.rule)
      ?.worsening?.weigh(sides, finding, settings)

/** Each finding as heavy as the change makes it; one that gets a severity so is introduced by the change. */
function weighed({ introduced, standing }: Judgement, weigh: Weigh): Judgement {
  const now = (finding: Finding): { readonly finding: Finding; readonly isWorse: boolean } => {
    const worse = weigh(finding)
    return worse === undefined
      ? { finding, isWorse: false }
      : { finding: worsened(finding, worse), isWorse: worse.severity !== undefined }
  }
  const fresh = introduced.map(now)
  // Of several equal findings one is enough to be reported.
  const told = new Set(fresh.filter(({ isWorse }) => isWorse).map(({ finding }) => identityOf(finding)))
  const before = standing.map(finding =>
    told.has(identityOf(finding)) ? { finding, isWorse: false } : now(finding),
  )
  return {
    introduced: [...fresh, ...before.filter(({ isWorse }) => isWorse)].map(({ finding }) => finding),
    standing: before.filter(({ isWorse }) => !isWorse).map(({ finding }) => finding),
  }
}

/** The findings of a whole view, of every object that some rule judges. */
export function lintView(judge: Judge, view: ClusterView, namespace?: string): readonly Finding[] {
  const subjects = new Set(judge.rules.map(rule => rule.subject))
  return findingsOf(
    judge,
    view,
    [...subjects].flatMap(kind => view.list(kind, namespace).map(refOf)),
  )
}

/** Each known finding takes away one like it: a second route with an old fault is a new fault. */
function split(findings: readonly Finding[], known: readonly Finding[], sides: Sides): Judgement {
  const before = Map.groupBy(known, identityOf)
  const alike = before.size === 0 ? [] : [...Map.groupBy(findings, identityOf)]
  const old = new Set(
    alike.flatMap(([identity, found]) => {
      const were = before.get(identity) ?? []
      return were.length === 0 || were.length >= found.length
        ? found.slice(0, were.length)
        : unchangedFirst(found, were, sides).slice(0, were.length)
    }),
  )
  const introduced = findings.filter(finding => !old.has(finding))
  return {
    introduced: introduced.map(finding => withOwnFix(finding, { introduced, findings })),
    standing: findings.filter(finding => old.has(finding)),
  }
}

/** Of findings that are alike, first those in routes that were there before with the same words. */
function unchangedFirst(
  findings: readonly Finding[],
  known: readonly Finding[],
  { before, after }: Sides,
): readonly Finding[] {
  const were = new Set(known.map(finding => routeText(before, finding)))
  const isUnchanged = (finding: Finding): boolean => were.has(routeText(after, finding))
  return [...findings.filter(isUnchanged), ...findings.filter(finding => !isUnchanged(finding))]
}

/** The route or the item that a finding is on, as text. */
function routeText(view: ClusterView, { ref, path }: Finding): string {
  const object = view.get(ref)
  return JSON.stringify(object === undefined ? undefined : valueAt(object, path.slice(0, 3))) ?? ''
}

/** A finding that leaves its fix to another one, with that fix where the other was there before and is not told of. */
function withOwnFix(
  finding: Finding,
  {
    introduced,
    findings,
  }: { readonly introduced: readonly Finding[]; readonly findings: readonly Finding[] },
): Finding {
  if (finding.fixedWith === undefined) return finding
  const place = formatPath(finding.fixedWith)
  const isOther = ({ rule, path }: Finding): boolean => rule === finding.rule && formatPath(path) === place
  const other = introduced.some(isOther) ? undefined : findings.find(isOther)
  if (other === undefined) return finding
  const { fix, sets, creates } = other
  return { ...finding, fix, ...(sets && { sets }), ...(creates && { creates }) }
}
