import type { ServiceRoute } from '../../objects/gateway-api.ts'

/** Whether files, which have no dates, do not tell which of two routes of the Gateway API is the older one. */
export const areAgesUnknown = (one: ServiceRoute, other: ServiceRoute): boolean =>
  one.metadata.creationTimestamp === undefined && other.metadata.creationTimestamp === undefined

/** What a message says then. */
export const unknownAges =
  ' (files do not tell their ages: the first by namespace and name counts as the older)'
