/** Kinds that no rule reads: a change of them alters no verdict. */
export const unjudged = {
  HorizontalPodAutoscaler: () => ({}),
  PodDisruptionBudget: () => ({}),
  PeerAuthentication: () => ({}),
  RequestAuthentication: () => ({}),
  Canary: () => ({}),
  ApisixUpstream: () => ({}),
}
