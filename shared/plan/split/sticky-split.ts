import { CanaryError } from '../../objects/canary-error.ts'
import type { Note } from '../../routing/note.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import { idOf, type ServiceVersion } from '../../routing/service.ts'
import type { WantedSticky } from '../../routing/wanted.ts'
import type { StickyWords, WeightIntent } from '../intent.ts'
import type { Weighed } from './whole-split.ts'

/** A day: as long as a person who comes back tomorrow. */
const defaultTtl = 86_400

/** The split that users are to keep their version of. */
export interface StickyQuestion {
  readonly reading: ServiceReading
  readonly split: readonly Weighed[]
  readonly stable: ServiceVersion
}

/**
 * How users keep their version: as it is said now, else as it is recorded. Throws a CanaryError `usage` where no
 * version besides stable has a share.
 */
export function stickyOf(
  { sticky: said }: Pick<WeightIntent, 'sticky'>,
  { reading, split, stable }: StickyQuestion,
): WantedSticky | undefined {
  if (said === false || (said === undefined && reading.canary.sticky === undefined)) return undefined
  if (split.some(({ version, percent }) => version !== stable && percent > 0)) return wanted(reading, said)
  if (said === undefined) return undefined
  throw new CanaryError('usage', `${stable.name} gets everything, so there is no version to keep users at`, {
    hints: ['Leave out --sticky, or give another version a share.'],
  })
}

const wanted = (
  { service, canary: { sticky } }: ServiceReading,
  said: StickyWords | undefined,
): WantedSticky => ({
  cookie: `canary-${idOf(service)}`,
  ttl: defaultTtl,
  ...sticky,
  ...(said?.cookie !== undefined && { cookie: said.cookie }),
  ...(said?.ttl !== undefined && { ttl: said.ttl }),
  since: said?.since,
})

/** What a sticky split means for people, and that one ends. */
export function stickyNotes(
  { canary, service }: ServiceReading,
  sticky: WantedSticky | undefined,
  { keepsByAddress = false }: { readonly keepsByAddress?: boolean } = {},
): readonly Note[] {
  const { name } = service
  if (sticky === undefined) {
    if (canary.sticky === undefined) return []
    return [
      keepsByAddress
        ? { kind: 'affinity-ends', service: name }
        : { kind: 'sticky-ends', cookie: canary.sticky.cookie },
    ]
  }
  const { cookie, ttl } = sticky
  if (canary.sticky?.cookie === cookie) return []
  return [
    keepsByAddress
      ? { kind: 'affinity-starts', service: name, ttl }
      : { kind: 'sticky-starts', service: name, cookie, ttl },
  ]
}
