import { keyOf } from '../../objects/kube-object.ts'
import { valueAt } from '../../objects/paths.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Placeholder, Unfilled } from '../../view/sources.ts'
import type { AnyRule, Finding, RuleSettings } from '../rule.ts'
import { mayBearOn, type OpenWorld } from './bearing.ts'
import { holdsWhateverFilled, isWithin } from './fillings.ts'
import { patternsOf } from './patterns.ts'

/** What the findings were made with, and the objects that are still to be filled in. */
export interface UnfilledWorld {
  readonly rules: readonly AnyRule[]
  readonly view: ClusterView
  readonly settings: RuleSettings
  readonly unfilled: readonly Unfilled[]
}

/**
 * The rules about one destination: where a route's hosts and gateways are open, its destination is judged all
 * the same.
 */
const aboutDestination: ReadonlySet<string> = new Set([
  'undefined-subset',
  'undefined-subset-inactive',
  'subset-without-destination-rule',
  'subset-matches-no-workload',
  'unknown-host',
  'unexpanded-host',
  'unknown-port',
  'missing-version-label',
])

/**
 * The findings that hold whatever the placeholders become. One that depends on a field that is still to be
 * filled in, in its own object or in another one, is left out.
 */
export function withoutUnfilled(
  findings: readonly Finding[],
  { rules, view, settings, unfilled }: UnfilledWorld,
): readonly Finding[] {
  if (unfilled.length === 0) return findings
  const byKey = Map.groupBy(unfilled, ({ ref }) => keyOf(ref))
  const placeholdersOf = ({ ref }: Finding): readonly Placeholder[] =>
    (byKey.get(keyOf(ref)) ?? []).flatMap(({ placeholders }) => placeholders)
  const lonely = new Set(rules.filter(({ reads }) => reads.length === 0).map(({ id }) => id))
  const holdsAlone = new Map<string, (finding: Finding) => boolean>()
  const standsAlone = (finding: Finding): boolean => {
    const placeholders = placeholdersOf(finding)
    const object = view.get(finding.ref)
    if (placeholders.length === 0 || object === undefined) return true
    const key = keyOf(finding.ref)
    const own = rules.filter(({ subject, id }) => subject === finding.ref.kind && lonely.has(id))
    const holds =
      holdsAlone.get(key) ?? holdsWhateverFilled({ object, placeholders, rules: own, view, settings })
    holdsAlone.set(key, holds)
    return holds(finding)
  }
  const around: OpenWorld = { view, unfilled, patterns: patternsOf(unfilled) }
  return findings.filter(finding =>
    lonely.has(finding.rule) ? standsAlone(finding) : restsOnFilled(finding, placeholdersOf(finding), around),
  )
}

/** Whether nothing that is open has a bearing on what a rule found between several objects. */
function restsOnFilled(
  { rule, ref, path, message, about }: Finding,
  own: readonly Placeholder[],
  around: OpenWorld,
): boolean {
  const { view, patterns } = around
  // A whole folder in the namespace `${NAMESPACE}` is one namespace.
  const said = ref.namespace === '' ? message : message.replaceAll(ref.namespace, '')
  if (patterns.isOpen(said)) return false
  const parent = path.slice(0, -1)
  const isBeside = ({ path: field }: Placeholder): boolean =>
    isWithin(field, path) || (parent.length > 1 && field.length === path.length && isWithin(field, parent))
  if (own.some(isBeside) || own.some(({ path: field }) => isWithin(path, field))) return false
  if (!aboutDestination.has(rule) && own.some(({ path: [top] }) => top === 'spec')) return false
  const host = hostIn(about) ?? valueAt(view.get(ref), [...parent, 'host'])
  if (typeof host !== 'string') return !around.unfilled.some(one => keyOf(one.ref) !== keyOf(ref))
  if (mayBearOn({ host, namespace: ref.namespace }, around)) return false
  return aboutDestination.has(rule) || !others(around, ref)
}

/** Whether a route or gateway beside the object is open. */
const others = ({ unfilled }: OpenWorld, ref: Finding['ref']): boolean =>
  unfilled.some(
    one => ['VirtualService', 'Gateway', 'Sidecar'].includes(one.ref.kind) && keyOf(one.ref) !== keyOf(ref),
  )

/** What a finding is about begins with a host, where it is about one. */
const hostIn = (about: string): string | undefined => /^(?:hosts )?([^ ]*\.[^ :]*)/.exec(about)?.[1]
