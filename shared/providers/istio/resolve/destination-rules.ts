import type { DestinationRule } from '../../../objects/destination-rule.ts'
import { matches } from '../../../objects/labels.ts'
import { namespaceOf, type Labels } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import {
  coveringHosts,
  destinationRulesByHost,
  destinationRulesByWildcard,
  ruleHost,
} from './indexes/routing.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  textOf,
  textsOf,
} from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'
import { byAge } from './visibility.ts'

/** A DestinationRule read with care. */
export interface RuleReading {
  readonly rule: DestinationRule
  readonly namespace: string
  readonly exportTo: ReadonlySet<string>
  /** The clients it is for; undefined is all. A selector keeps the rule to its own namespace. */
  readonly selector: Labels | undefined
  readonly subsets: readonly { readonly name: string; readonly labels: Labels }[]
}

/** DestinationRules that Istio merges into one. */
export interface MergedRule {
  readonly namespace: string
  readonly exportTo: ReadonlySet<string>
  readonly selector: Labels | undefined
  readonly subsets: Map<string, Labels>
  readonly from: DestinationRule[]
}

export const ruleReadingOf: (rule: DestinationRule) => RuleReading = derivedOnce(rule => {
  const spec = fieldsOf(rule.spec)
  const selector = isFields(spec['workloadSelector'])
    ? labelsOf(spec['workloadSelector']['matchLabels'])
    : undefined
  return {
    rule,
    namespace: namespaceOf(rule),
    exportTo: new Set(selector === undefined ? textsOf(spec['exportTo']) : ['.']),
    selector,
    subsets: itemsOf(spec['subsets']).flatMap(item => {
      const name = textOf(fieldsOf(item)['name'])
      return name === undefined ? [] : [{ name, labels: labelsOf(fieldsOf(item)['labels']) }]
    }),
  }
})

/**
 * The rules whose host is or covers this one, those of one spelling together, the most specific first: the
 * exact host, then the longest wildcard.
 */
export function rulesCovering(view: ClusterView, host: string): readonly (readonly RuleReading[])[] {
  return once(view, [rulesCovering, host], () => {
    const exact = view.find(destinationRulesByHost, host)
    const wild = coveringHosts(host)
      .filter(key => key.startsWith('*'))
      .flatMap(key => view.find(destinationRulesByWildcard, key))
      .flatMap(rule => {
        const said = ruleHost(rule, view.mesh)!
        return host.endsWith(said.slice(1)) ? [{ said, rule }] : []
      })
    const groups = [...Map.groupBy(wild, ({ said }) => said)].toSorted(
      ([one], [other]) => other.length - one.length,
    )
    return [exact, ...groups.map(([, found]) => found.map(({ rule }) => rule))]
      .filter(rules => rules.length > 0)
      .map(rules => rules.map(ruleReadingOf))
  })
}

type List = 'local' | 'exported' | 'root-local'

/** The rules of one namespace and list for a host: the most specific that there are, in order and merged. */
function listOf(
  view: ClusterView,
  host: string,
  { namespace, list }: { readonly namespace: string; readonly list: List },
): readonly MergedRule[] {
  return once(view, [listOf, `${list} ${namespace} ${host}`], () => {
    for (const rules of rulesCovering(view, host)) {
      const found = rules.filter(rule => rule.namespace === namespace && isListed(view, rule, list))
      if (found.length > 0) return mergedInOrder(found)
    }
    return []
  })
}

function isListed(view: ClusterView, { exportTo, namespace }: RuleReading, list: List): boolean {
  const isPrivate =
    exportTo.size === 0
      ? view.mesh.defaultExportTo.destinationRule.includes('.')
      : exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace))
  if (list === 'exported') return !isPrivate
  if (list === 'root-local') return isPrivate
  return exportTo.size === 0 || exportTo.has('*') || exportTo.has('.') || exportTo.has(namespace)
}

const agedOf = ({ rule, namespace }: RuleReading) => ({
  created: textOf(rule.metadata.creationTimestamp),
  name: rule.metadata.name,
  namespace,
})

/** The order in which Istio reads rules: those with a workload selector first, then by age. */
export const inOrder = (rules: readonly RuleReading[]): readonly RuleReading[] =>
  rules.toSorted(
    (one, other) =>
      Number(one.selector === undefined) - Number(other.selector === undefined)
      || byAge(agedOf(one), agedOf(other)),
  )

/** Rules for one host in one namespace, merged where Istio merges them (mergeDestinationRule). */
export function mergedInOrder(rules: readonly RuleReading[]): readonly MergedRule[] {
  const merged: MergedRule[] = []
  for (const rule of inOrder(rules)) {
    let standsAlone = true
    for (const earlier of merged) {
      const fit = fitOf(earlier, rule)
      if (fit === 'apart') {
        standsAlone = true
        continue
      }
      standsAlone = fit === 'both'
      for (const { name, labels } of rule.subsets)
        if (!earlier.subsets.has(name)) earlier.subsets.set(name, labels)
      earlier.from.push(rule.rule)
    }
    if (standsAlone) merged.push(alone(rule))
  }
  return merged
}

function alone({ namespace, exportTo, selector, subsets, rule }: RuleReading): MergedRule {
  const own = new Map<string, Labels>()
  for (const { name, labels } of subsets) if (!own.has(name)) own.set(name, labels)
  return { namespace, exportTo, selector, subsets: own, from: [rule] }
}

/** Whether a newer rule goes into an earlier one, instead of or besides standing alone. */
function fitOf(earlier: MergedRule, newer: RuleReading): 'into' | 'both' | 'apart' {
  const covers = [...earlier.exportTo].every(name => newer.exportTo.has(name))
  const isEqual = covers && earlier.exportTo.size === newer.exportTo.size
  if (!isEqual && (earlier.exportTo.size === 0 || !covers)) return 'apart'
  const [one, other] = [earlier.selector, newer.selector]
  if (one === undefined && other === undefined) return 'into'
  if (one !== undefined && other !== undefined) return sameLabels(one, other) ? 'into' : 'apart'
  return isEqual ? 'into' : 'both'
}

const sameLabels = (one: Labels, other: Labels): boolean =>
  Object.keys(one).length === Object.keys(other).length && matches(one, other)

/** Who calls: a namespace and the labels of the workload. */
export interface CallingWorkload {
  readonly namespace: string
  readonly labels: Labels
}

/**
 * The one rule that a client applies to a host which a namespace provides; undefined where none applies. One
 * list wins, nothing is inherited.
 */
export function ruleFor(
  view: ClusterView,
  called: { readonly host: string; readonly namespace: string },
  caller: CallingWorkload,
): MergedRule | undefined {
  const { rootNamespace } = view.mesh
  const own = listOf(view, called.host, {
    namespace: caller.namespace,
    list: caller.namespace === rootNamespace ? 'root-local' : 'local',
  })
  if (own.length > 0) return pick(own, caller)
  for (const namespace of [called.namespace, rootNamespace]) {
    const shared = listOf(view, called.host, { namespace, list: 'exported' }).filter(
      ({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(caller.namespace),
    )
    if (shared.length > 0) return pick(shared, caller)
  }
  return undefined
}

const pick = (rules: readonly MergedRule[], caller: CallingWorkload): MergedRule | undefined =>
  rules.find(
    ({ selector, namespace }) =>
      selector !== undefined && namespace === caller.namespace && matches(selector, caller.labels),
  ) ?? rules.findLast(({ selector }) => selector === undefined)
