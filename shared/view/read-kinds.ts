import { workloadKinds, type Kind } from '../objects/kinds.ts'

/** Kinds that say how traffic goes: they may stand in any namespace. */
export const routingKinds: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'RequestAuthentication',
  'HTTPRoute',
  'GRPCRoute',
  'PeerAuthentication',
]

/** What is read when the scope names no kinds: all that routing and readiness rest on. */
export const usualKinds: readonly Kind[] = [
  'VirtualService',
  'DestinationRule',
  'Service',
  'Gateway',
  ...workloadKinds,
  'ServiceEntry',
  'Pod',
  'EndpointSlice',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
  'Namespace',
  'HTTPRoute',
  'GRPCRoute',
]
