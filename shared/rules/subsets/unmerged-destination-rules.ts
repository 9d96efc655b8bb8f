import { namespaceOf } from '../../objects/kube-object.ts'
import { destinationRulesByHost, ruleHost } from '../../providers/istio/resolve/indexes/routing.ts'
import { mergedInOrder, ruleReadingOf } from '../../providers/istio/resolve/destination-rules.ts'
import type { Rule } from '../rule.ts'

/** Several rules for one host are merged only where they are exported alike; else one hides the other. */
export const unmergedDestinationRules: Rule<'DestinationRule'> = {
  id: 'unmerged-destination-rules',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'DestinationRules for one host in one namespace have the same exportTo, so that Istio merges them.',
  fix: 'Put the subsets into one DestinationRule, or set the same exportTo in both; no exportTo and `["*"]` are not the same.',
  subject: 'DestinationRule',
  reads: ['DestinationRule'],
  *check(view, subject) {
    const host = ruleHost(subject, view.mesh)
    if (host === undefined) return
    const namespace = namespaceOf(subject)
    const all = view
      .find(destinationRulesByHost, host)
      .filter(rule => namespaceOf(rule) === namespace)
      .map(ruleReadingOf)
      .filter(({ selector }) => selector === undefined)
    if (all.length < 2) return
    const merged = mergedInOrder(all)
    const place = merged.findIndex(({ from }) => from[0]!.metadata.name === subject.metadata.name)
    if (place < 1) return
    const first = merged[0]!.from[0]!.metadata.name
    yield {
      path: ['spec', 'exportTo'],
      message: `is not merged with DestinationRule ${first} for ${host}, because the two are exported to different namespaces: a client uses only one of them`,
      about: `${host} ${first}`,
      tells: [],
      restsOn: [{ kind: 'DestinationRule', namespace }],
    }
  },
}
