import type { Ability } from '../../routing/provider.ts'

/** What a Service and Deployments can carry out; what they cannot, with the reason. */
export const abilities = {
  cohorts: 'a Service of Kubernetes spreads connections over pods and reads no request',
  weights: true,
  mirrors: 'a Service of Kubernetes sends each connection to one pod',
  init: true,
  sticky: true,
  previews: 'a Service of Kubernetes is reached by its own name: a preview gets a Service, not a host',
} as const satisfies Readonly<Record<Ability, true | string>>
