import {
  aboutReference,
  nameOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import { diagnosesOf } from '../../providers/istio/read/routes/diagnoses.ts'
import type { Rule } from '../rule.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import { delegateTold } from '../facts/tells.ts'

const why: Readonly<Record<NonNullable<Reference['idle']>, string>> = {
  'no-share': 'no request fails while its weight is 0',
  unreachable: 'no request reaches the route',
  unused: 'no client uses the VirtualService',
}

const reasonOf = ({ idle, target: { isMirror } }: Reference): string =>
  isMirror && idle === 'no-share' ? 'no request is copied to it while its percentage is 0' : why[idle!]

/** Istio drops destinations of weight 0 from a split: a dangling one there is a trap for the first step. */
export const undefinedSubsetInactive: Rule<'VirtualService'> = {
  id: 'undefined-subset-inactive',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A subset that gets no traffic yet is defined as well.',
  fix: 'Add the subset to the DestinationRule before any traffic is sent to it, or remove the destination.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    for (const { fault, reference, family } of diagnosesOf(view, subject, settings)) {
      if (fault !== 'undefined-subset-inactive') continue
      yield {
        path: pathOf(reference, 'subset'),
        ...writtenIn(reference, 'subset'),
        message: `${nameOf(reference)} is not defined; ${reasonOf(reference)}`,
        about: aboutReference(reference),
        tells: delegateTold(reference),
        absent: 'subset',
        ...(family === undefined ? {} : { family }),
      }
    }
  },
}
