import type { Ability } from '../../routing/provider.ts'

/** What an ApisixRoute can carry out; what it cannot, with the reason. */
export const abilities = {
  cohorts: true,
  weights: true,
  mirrors:
    'the plugin proxy-mirror of APISIX copies requests to a URL that it resolves by itself, and not to a backend, so it is unknown whether the version gets them',
  init: true,
  sticky: 'an ApisixRoute divides each request anew and cannot keep users at the version that they got first',
  previews: 'a version cannot be shown at hosts of its own by an ApisixRoute yet',
} as const satisfies Readonly<Record<Ability, true | string>>
