import type { Destination } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import { checkConnectionPool, type ConnectionPool } from '../destination-rule/connection-pool.ts'
import type { Fault } from '../../schema/fault.ts'
import { checkSelector, domainFault, faultAt } from '../names.ts'
import { checkDestination } from '../virtual-service/destinations.ts'
import { checkEgress, type EgressListenerSpec } from './egress.ts'
import { checkIngress, type IngressListener } from './ingress.ts'

/** A Sidecar's spec that holds its schema. */
export interface CheckedSidecar {
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> }
  readonly ingress?: readonly IngressListener[]
  readonly egress?: readonly EgressListenerSpec[]
  readonly outboundTrafficPolicy?: { readonly mode?: string; readonly egressProxy?: Destination }
  readonly inboundConnectionPool?: ConnectionPool
}

/**
 * What Istio's webhook says against a Sidecar, beyond its schema (istio/pkg/config/validation,
 * ValidateSidecar).
 */
export function* checkSidecar(spec: CheckedSidecar): Iterable<Fault> {
  const { workloadSelector, ingress = [], egress = [], outboundTrafficPolicy, inboundConnectionPool } = spec
  yield* checkSelector(workloadSelector?.labels, ['spec', 'workloadSelector', 'labels'])
  if (
    ingress.length + egress.length === 0
    && outboundTrafficPolicy === undefined
    && inboundConnectionPool === undefined
  ) {
    yield {
      path: ['spec'],
      message: 'a Sidecar needs ingress, egress, outboundTrafficPolicy or inboundConnectionPool',
      about: '',
    }
  }
  yield* checkIngress(ingress, ['spec', 'ingress'])
  if (inboundConnectionPool !== undefined)
    yield* checkConnectionPool(inboundConnectionPool, ['spec', 'inboundConnectionPool'])
  yield* checkEgress(egress, ['spec', 'egress'])
  if (outboundTrafficPolicy !== undefined)
    yield* checkOutbound(outboundTrafficPolicy, ['spec', 'outboundTrafficPolicy'])
}

function* checkOutbound(
  { mode = 'REGISTRY_ONLY', egressProxy }: NonNullable<CheckedSidecar['outboundTrafficPolicy']>,
  path: Path,
): Iterable<Fault> {
  if (egressProxy === undefined) return
  const at = [...path, 'egressProxy']
  if (mode !== 'ALLOW_ANY')
    return yield { path: at, message: 'egressProxy can be used with mode ALLOW_ANY only', about: mode }
  yield* faultAt([...at, 'host'], domainFault(egressProxy.host))
  if (egressProxy.port === undefined)
    return yield { path: at, message: 'egressProxy needs a port', about: 'port' }
  if (domainFault(egressProxy.host) === undefined) yield* checkDestination(egressProxy, at)
}
