/** Kinds that no rule reads, or that tell of pods alone: a change of them alters no verdict. */
export const unjudged = {
  HorizontalPodAutoscaler: () => ({}),
  PodDisruptionBudget: () => ({}),
  PeerAuthentication: () => ({}),
  RequestAuthentication: () => ({}),
  Canary: () => ({}),
  TLSRoute: () => ({}),
  TCPRoute: () => ({}),
  ControllerRevision: () => ({}),
}
