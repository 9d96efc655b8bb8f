import type { Ability } from '../../routing/provider.ts'

/** What the routes of the Gateway API can carry out; what they cannot, with the reason. */
export const abilities = {
  cohorts: true,
  weights: true,
  mirrors: true,
  init: true,
  sticky: 'routes of the Gateway API cannot keep users at the version that they got first',
  previews: 'a version cannot be shown at hosts of its own by routes of the Gateway API yet',
} as const satisfies Readonly<Record<Ability, true | string>>
