import { keyOf, type Ref } from '../objects/kube-object.ts'
import { refOf } from '../objects/kinds.ts'
import { changedRef, merged, revert, type Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { overlay } from '../view/overlay.ts'
import { sessionOf } from '../view/session.ts'
import { affected } from './affected/affected.ts'
import type { AnyRule, Finding, RuleSettings } from './rule.ts'

export interface Judgement {
  /** What the changes break: not there before. */
  readonly introduced: readonly Finding[]
  /** What stood there before and still does, on the objects that the changes touch or affect. */
  readonly standing: readonly Finding[]
}

/** The rules to judge by, and the choices about them. */
export interface Judge {
  readonly rules: readonly AnyRule[]
  readonly settings: RuleSettings
  /** At most so many objects are judged for a change, those that it touches first; all that it affects when left out. */
  readonly mostSubjects?: number
}

/** The same fault, wherever it stands now: rule family, object and what it is about. */
export const identityOf = ({ family, ref, about }: Finding): string => `${family} ${keyOf(ref)} ${about}`

/**
 * What the changes break: the findings after them, less those that were there before, as a multiset. Serves the plan, the lint of an
 * overlay and the webhook. "Before" comes from the changes themselves, so a view that lags behind or runs ahead of them does not matter.
 */
export function judgeChanges(judge: Judge, view: ClusterView, changes: readonly Change[]): Judgement {
  const all = merged(changes)
  const before = overlay(view, all.map(revert))
  const after = overlay(view, all)
  const touched = new Map<string, Ref>(all.map(change => [keyOf(changedRef(change)), changedRef(change)]))
  for (const side of [before, after]) for (const ref of affected(side, all)) touched.set(keyOf(ref), ref)
  const subjects = [...touched.values()].slice(0, judge.mostSubjects)
  return split(findingsOf(judge, after, subjects), findingsOf(judge, before, subjects))
}

/** Only what is new; see `judgeChanges`. */
export const introduced = (judge: Judge, view: ClusterView, changes: readonly Change[]): readonly Finding[] =>
  judgeChanges(judge, view, changes).introduced

/** Every finding on the given objects, in the order of the objects and the rules. */
export function findingsOf({ rules, settings }: Judge, view: ClusterView, subjects: readonly Ref[]): readonly Finding[] {
  const session = sessionOf(view)
  const able = Map.groupBy(rules.filter(({ needs, reads }) => !(needs ?? reads).some(kind => view.unread.has(kind))), rule => rule.subject)
  return subjects.flatMap(ref => {
    const subject = session.get(ref)
    if (subject === undefined) return []
    return (able.get(ref.kind) ?? []).flatMap(rule => [...rule.check(session, subject as never, settings)].map(violation => ({
      severity: rule.severity, remedy: rule.remedy, family: rule.family ?? rule.id, ...violation, rule: rule.id, ref,
    })))
  })
}

/** The findings of a whole view, of every object that some rule judges. */
export function lintView(judge: Judge, view: ClusterView, namespace?: string): readonly Finding[] {
  const subjects = new Set(judge.rules.map(rule => rule.subject))
  return findingsOf(judge, view, [...subjects].flatMap(kind => view.list(kind, namespace).map(refOf)))
}

/** Each known finding takes away one like it: a second route with an old fault is a new fault. */
function split(findings: readonly Finding[], known: readonly Finding[]): Judgement {
  const remaining = Map.groupBy(known, identityOf)
  const standing = findings.filter(finding => remaining.get(identityOf(finding))?.pop() !== undefined)
  const old = new Set(standing)
  return { introduced: findings.filter(finding => !old.has(finding)), standing }
}
