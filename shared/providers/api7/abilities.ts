import type { Ability } from '../../routing/provider.ts'

/** What the annotations of API7 Cloud's controller can say; what they cannot, with the reason. */
export const abilities = {
  cohorts:
    'the annotations of API7 Cloud choose by percentage only: its controller makes no canary release by a condition',
  weights: true,
  mirrors: 'the annotations of API7 Cloud say nothing of copies of requests',
  init: true,
  sticky: 'API7 Cloud divides each request anew and cannot keep users at the version that they got first',
  previews: 'the annotations of API7 Cloud cannot show a version at hosts of its own',
} as const satisfies Readonly<Record<Ability, true | string>>
