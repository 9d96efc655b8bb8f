import { peopleOf } from '../../plugin/print/people.ts'
import type { Plan } from '../../shared/plan/plan.ts'

/** Who gets what once a plan is carried out, as a person reads it. */
export const peopleAfter = ({ traffic }: Plan): readonly string[] =>
  traffic === undefined ? [] : peopleOf(traffic.after, traffic.before)
