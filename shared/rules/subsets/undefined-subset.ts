import type { ClusterView } from '../../view/cluster-view.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import {
  aboutReference,
  groundsOf,
  nameOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf, type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import { cohortOf, removingCohort } from '../fixes/remove-cohort.ts'
import type { Rule } from '../rule.ts'
import { addingSubset, appliedRule, subsetMeant } from '../fixes/define-subset.ts'
import { delegateTold, workloadsTold } from '../facts/tells.ts'

/** At run time the cluster is missing: every request of the share is answered with 503 NC. */
export const undefinedSubset: Rule<'VirtualService'> = {
  id: 'undefined-subset',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'error' },
  summary: 'Every subset that a route or mirror uses is defined in the DestinationRule that its clients use.',
  fix: 'Add the subset to the DestinationRule first, or route to a subset that it defines.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const found = diagnosesOf(view, subject, settings).filter(({ fault }) => fault === 'undefined-subset')
    const isOfCohort = ({ reference }: Diagnosis): boolean => cohortOf(subject, reference) !== undefined
    // A cohort may be removed instead of getting its subset: others do not refer to its fix.
    const all = [...found.filter(one => !isOfCohort(one)), ...found.filter(isOfCohort)]
    for (const diagnosis of all) {
      const { reference } = diagnosis
      const rule = appliedRule(diagnosis)
      yield {
        path: pathOf(reference, 'subset'),
        ...writtenIn(reference, 'subset'),
        message: `${nameOf(reference)} is not defined: ${rule === undefined ? 'the DestinationRule' : saying(rule)}${asking(view, rule, diagnosis)}`,
        about: aboutReference(reference),
        absent: 'subset',
        restsOn: groundsOf(view, reference),
        tells: [
          ...delegateTold(reference),
          ...(rule === undefined ? [] : [{ kind: 'DestinationRule' as const, namespace: rule.namespace }]),
          ...workloadsTold(reference.outcomes),
        ],
        ...(rule === undefined ? {} : addingSubset(view, rule, { diagnosis, all })),
        ...removingCohort(view, subject, reference),
      }
    }
  },
}

function asking(view: ClusterView, rule: MergedRule | undefined, diagnosis: Diagnosis): string {
  const meant = rule === undefined ? undefined : subsetMeant(view, rule, diagnosis)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

function saying({ from, subsets, namespace }: MergedRule): string {
  const names = [...subsets.keys()]
  const rules = from.map(({ metadata }) => `${namespace}/${metadata.name}`).join(' and ')
  return `DestinationRule ${rules} defines ${names.length === 0 ? 'no subsets' : `only ${names.join(', ')}`}`
}
