import { firstPlaces } from '../../objects/text/first-places.ts'
import { ruleReadingOf } from '../../providers/istio/resolve/destination-rules.ts'
import { formatPath, type Rule } from '../rule.ts'

/** Istio takes the first of one name and drops the others silently. */
export const duplicateSubset: Rule<'DestinationRule'> = {
  id: 'duplicate-subset',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'A DestinationRule defines each subset once.',
  fix: 'Remove or rename all but one of the subsets with this name.',
  subject: 'DestinationRule',
  reads: [],
  *check(_view, subject) {
    const names = ruleReadingOf(subject).subsets.map(({ name }) => name)
    const places = firstPlaces(names)
    for (const [i, name] of names.entries()) {
      if (places.get(name) === i) continue
      yield {
        path: ['spec', 'subsets', i, 'name'],
        message: `subset ${name} is defined twice, and only the first definition is used`,
        about: name,
        fix: `Remove ${formatPath(['spec', 'subsets', i])}, or give it another name.`,
      }
    }
  },
}
