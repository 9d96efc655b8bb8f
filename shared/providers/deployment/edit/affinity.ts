import { CanaryError } from '../../../objects/canary-error.ts'
import type { Service } from '../../../objects/core.ts'
import { isEqual } from '../../../objects/content/equal.ts'
import { fieldsOf } from '../../../objects/unchecked.ts'
import type { WantedSticky } from '../../../routing/wanted.ts'
import type { PodReading } from '../read/reading.ts'
import type { PodsRestore } from '../read/record.ts'
import { cookieOf } from '../read/service-reading.ts'

/** The longest time that the API server takes, in seconds (`MaxClientIPServiceAffinitySeconds`). */
const longest = 86_400

/** A Service with other affinity, and what it had before. */
export interface Affinity {
  readonly object: Service
  readonly restore: Pick<PodsRestore, 'affinity'>
}

/**
 * Keeps client addresses at their pods, or gives back what the Service had before. An affinity that a person set stays.
 * Throws a CanaryError `refused` for what a Service does not know.
 */
export function setAffinity(
  { service }: PodReading,
  object: Service,
  { sticky, restore }: { readonly sticky: WantedSticky | undefined; readonly restore: PodsRestore },
): Affinity {
  if (sticky === undefined)
    return {
      object: restore.affinity === undefined ? object : withAffinity(object, restore.affinity.spec),
      restore: {},
    }
  if (sticky.cookie !== cookieOf(service))
    throw new CanaryError('refused', 'a Service keeps users by their address, and sets no cookie', {
      hints: ['Leave out --cookie.'],
    })
  if (sticky.ttl > longest)
    throw new CanaryError('refused', 'a Service keeps an address for a day at most', {
      hints: ['Use a --ttl of up to 24h.'],
    })
  const next = {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: sticky.ttl } },
  }
  const now = affinityIn(object)
  if (isEqual(now, next))
    return { object, restore: restore.affinity === undefined ? {} : { affinity: restore.affinity } }
  return { object: withAffinity(object, next), restore: { affinity: restore.affinity ?? { spec: now } } }
}

const keys = ['sessionAffinity', 'sessionAffinityConfig'] as const

const affinityIn = ({ spec }: Service): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    keys.flatMap(key => (fieldsOf(spec)[key] === undefined ? [] : [[key, fieldsOf(spec)[key]]])),
  )

function withAffinity(object: Service, affinity: Readonly<Record<string, unknown>>): Service {
  const kept = Object.entries(object.spec).flatMap(([key, value]) =>
    (keys as readonly string[]).includes(key)
      ? key in affinity
        ? [[key, affinity[key]] as const]
        : []
      : [[key, value] as const],
  )
  return { ...object, spec: { ...Object.fromEntries(kept), ...affinity } }
}
