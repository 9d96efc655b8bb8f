import { enumerated } from '../../../shared/objects/text/listed.ts'
import { formatUnknown, roundPercent } from '../../../shared/routing/shares.ts'
import {
  anyOf,
  countedShares,
  formatTakes,
  takesRequests,
  type EntryPoint,
  type MirrorRoute,
  type Share,
  type Traffic,
} from '../../../shared/routing/traffic.ts'

/** From the least to the most that a version gets at any route, in percent. */
export interface ShareRange {
  readonly least: number
  readonly most: number
}

/** The range of each version by its name. */
export type SharesByVersion = 'any' | 'unknown' | ReadonlyMap<string, ShareRange>

/**
 * The share of each version over all routes that take requests, those alone that are answered. `any` where some
 * requests go to all pods alike; `unknown` where a weight is no number, or files leave a destination open; empty
 * where all go to other Services, as those of a controller may.
 */
export function sharesByVersion({
  versions,
  entryPoints,
}: Pick<Traffic, 'versions' | 'entryPoints'>): SharesByVersion {
  if (entryPoints.some(hasUnknownShares)) return 'unknown'
  const shares = entryPoints.flatMap(countedShares)
  if (shares.some(some => percentOf(some, anyOf(versions)) > 0)) return 'any'
  const isElsewhere = shares.flat().every(share => versions.every(({ name }) => name !== share.version))
  if (isElsewhere) return new Map()
  return new Map(
    versions.map(({ name }) => {
      const percents = shares.map(some => percentOf(some, name))
      return [name, { least: Math.min(...percents), most: Math.max(...percents) }]
    }),
  )
}

/** A percentage with one decimal, and more only where it has more: `90.0 %`. */
export const formatShare = (percent: number): string => `${formatFigure(percent)} %`

const formatFigure = (percent: number): string =>
  Number(percent.toFixed(1)) === percent ? percent.toFixed(1) : String(percent)

/** `10.0 %` where all routes agree, else `10.0–20.0 %`. */
function formatRange(range: ShareRange | undefined): string {
  if (range === undefined) return '-'
  const { least, most } = range
  return least === most ? formatShare(most) : `${formatFigure(least)}–${formatShare(most)}`
}

/** The share of one version as its table shows it. */
export const formatVersionShare = (shares: SharesByVersion, version: string): string =>
  shares === 'any' ? 'any' : shares === 'unknown' ? '?' : formatRange(shares.get(version))

/** The text in place of shares that are not known. */
export const formatUnknownWeight = (weight: string): string =>
  `cannot tell: ${JSON.stringify(weight)} is not a number`

const hasUnknownShares = (entryPoint: EntryPoint): boolean =>
  takesRequests(entryPoint)
  && entryPoint.splits.some(
    ({ reached, shares, unknownWeight }) =>
      reached && (unknownWeight !== undefined || shares.some(({ unknown }) => unknown !== undefined)),
  )

const percentOf = (shares: readonly Share[], version: string): number =>
  roundPercent(
    shares.filter(share => share.version === version).reduce((sum, { percent }) => sum + percent, 0),
  )

/** What is said beside the share of a mirror: on which routes it is, who wrote it, and whether its copies arrive. */
export const mirrorNotes = (mirror: MirrorRoute): readonly string[] => [
  ...lossOf(mirror),
  ...(mirror.takes === undefined ? [] : [formatTakes(mirror.takes)]),
  ...(mirror.byHand ? ['written by hand'] : []),
]

/** `copies are lost (undefined-subset)` where a mirror leads nowhere. */
function lossOf({ fault, failsFor, unknown }: MirrorRoute): readonly string[] {
  if (unknown !== undefined) return [formatUnknown(unknown)]
  if (fault !== undefined) return [`copies are lost (${fault})`]
  if (failsFor === undefined) return []
  const callers = enumerated(failsFor.callers, failsFor.callers.length)
  return [`copies from callers in ${callers} are lost (${failsFor.rule})`]
}
