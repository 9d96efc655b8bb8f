import type { MergedRule } from '../../view/resolve/destination-rules.ts'
import { aboutReference, deadDestination, diagnosesOf, groundsOf, nameOf, pathOf, routingNeeds, routingReads, type Diagnosis } from '../destinations.ts'
import type { Rule } from '../rule.ts'

/** At run time the cluster is missing: every request of the share is answered with 503 NC. */
export const undefinedSubset: Rule<'VirtualService'> = {
  id: 'undefined-subset',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'error' },
  summary: 'Every subset that a route or mirror uses is defined by the DestinationRule that its callers apply.',
  remedy: 'Add the subset to the DestinationRule first, or route to one that it has.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const diagnosis of diagnosesOf(view, subject, settings)) {
      if (diagnosis.fault !== 'undefined-subset') continue
      const { reference } = diagnosis
      const rule = ruleOf(diagnosis)
      yield {
        path: pathOf(reference, 'subset'),
        message: `${nameOf(reference)} is not defined: ${rule === undefined ? 'the DestinationRule' : saying(rule)}`,
        about: aboutReference(reference),
        absent: 'subset',
        restsOn: groundsOf(view, reference),
        ...rule === undefined ? {} : { remedy: addingSubset(rule, reference.target.subset!) },
      }
    }
  },
}

/** The rule that most of the failing clients apply. */
const ruleOf = ({ failing }: Diagnosis): MergedRule | undefined => failing.find(({ rule }) => rule !== undefined)?.rule

function saying({ from, subsets, namespace }: MergedRule): string {
  const names = [...subsets.keys()]
  const rules = from.map(({ metadata }) => `${namespace}/${metadata.name}`).join(' and ')
  return `DestinationRule ${rules} has ${names.length === 0 ? 'no subsets' : names.join(', ')}`
}

/** A command that adds a subset by the label that its siblings select on. */
function addingSubset({ from, subsets, namespace }: MergedRule, name: string): string {
  const key = Object.keys([...subsets.values()].find(labels => Object.keys(labels).length === 1) ?? { version: '' })[0]!
  const rule = from[0]!
  const subset = { name, labels: { [key]: name } }
  const patch = (rule.spec.subsets?.length ?? 0) > 0
    ? { op: 'add', path: '/spec/subsets/-', value: subset }
    : { op: 'add', path: '/spec/subsets', value: [subset] }
  return `kubectl patch destinationrules.networking.istio.io ${rule.metadata.name} -n ${namespace} --type=json -p='${JSON.stringify([patch])}'`
}
