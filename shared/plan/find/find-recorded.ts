import { CanaryError } from '../../objects/canary-error.ts'
import type { Target } from '../intent.ts'
import { findService, type FoundService, type World } from './find-service.ts'

/** A service as a record names it: short name and namespace, or the whole host of one outside the cluster. */
export interface RecordedName {
  readonly service: string
  readonly namespace: string
}

/**
 * A service that a record names. One that is gone is read by the first routing API, for what is recorded of it can
 * still be taken back.
 */
export function findRecorded(
  world: World,
  target: Target,
  { service, namespace }: RecordedName,
): FoundService {
  const { clusterDomain } = world.view.mesh
  const isHost = service.includes('.')
  try {
    return findService(
      world,
      { ...target, namespace, service: isHost ? `${service}.` : `${service}.${namespace}` },
      { routed: false },
    )
  } catch (error) {
    const [provider] = world.providers
    if (!(error instanceof CanaryError) || error.code !== 'not-found' || provider === undefined) throw error
    return {
      provider,
      service: { name: service, namespace, clusterDomain, ...(isHost && { host: service }) },
    }
  }
}
