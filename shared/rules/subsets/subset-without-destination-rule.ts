import {
  aboutReference,
  groundsOf,
  nameOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { deadDestination, diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import { removingCohort } from '../fixes/remove-cohort.ts'
import { formatPath, type Rule } from '../rule.ts'
import { makingRule } from '../fixes/define-subset.ts'
import { hostMeant } from '../../providers/istio/resolve/objects/host-meant.ts'
import { unappliedRule } from '../facts/names/unapplied-rule.ts'
import { delegateTold, meantTold, workloadsTold } from '../facts/tells.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/**
 * Files often hold the routes apart from the rules, so that only a whole world without a rule is an error in
 * lint.
 */
export const subsetWithoutDestinationRule: Rule<'VirtualService'> = {
  id: 'subset-without-destination-rule',
  family: deadDestination,
  severity: { webhook: 'error', lint: 'warning' },
  summary: 'A host whose subsets are used has a DestinationRule that its clients use.',
  fix: 'First apply a DestinationRule that defines the subset for the host.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const all = diagnosesOf(view, subject, settings).filter(
      ({ fault }) => fault === 'subset-without-destination-rule',
    )
    for (const diagnosis of all) {
      const { reference } = diagnosis
      const meant = mistakenHost(view, reference)
      const elsewhere = unappliedRule(view, reference, reference.outcomes)
      yield {
        path: pathOf(reference, 'subset'),
        ...writtenIn(reference, 'subset'),
        message: `${nameOf(reference)} is not defined: no DestinationRule${settings.complete ? '' : ' that was read'} applies to this host${meant === undefined ? ((elsewhere && `; ${elsewhere.says}`) ?? '') : `; did you mean ${meant}?`}`,
        about: aboutReference(reference),
        severity: { webhook: 'error', lint: settings.complete ? 'error' : 'warning' },
        absent: 'subset',
        restsOn: [...groundsOf(view, reference), ...(elsewhere?.restsOn ?? [])],
        tells: [
          ...(elsewhere?.tells ?? []),
          ...delegateTold(reference),
          ...workloadsTold(reference.outcomes),
          ...meantTold(view, meant, reference.target.namespace),
        ],
        ...(meant === undefined
          ? makingRule(view, { diagnosis, all }, settings)
          : { fix: `Set ${formatPath(pathOf(reference, 'host'))}: ${meant}` }),
        ...removingCohort(view, subject, reference),
      }
    }
  },
}

/** The host that was probably meant, where nothing that was read provides this one. A delegate's host is set in the delegate. */
const mistakenHost = (view: ClusterView, { target, host, route }: Reference): string | undefined =>
  route.delegate === undefined
    ? hostMeant(view, { written: target.host, expanded: host, namespace: target.namespace })
    : undefined
