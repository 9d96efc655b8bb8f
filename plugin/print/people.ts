import { keyOf } from '../../shared/objects/kube-object.ts'
import { formatCohortTo, formatFault, formatShares } from '../../shared/routing/shares.ts'
import { anyOf, formatTakes, formatWho, type EntryPoint, type Traffic } from '../../shared/routing/traffic.ts'
import { restOf } from './services/entry-groups.ts'

type People = Pick<Traffic, 'service' | 'entryPoints' | 'versions'>

/**
 * Who gets what of the Service: one line where all entry points that take requests agree, else one for each.
 * With what was before, it is said who had any of the versions and has one now.
 */
export function peopleOf({ service, entryPoints }: People, before?: People): readonly string[] {
  const any = before === undefined || before.versions.length < 2 ? undefined : anyOf(before.versions)
  const lines = entryPoints
    .filter(({ idle, preview }) => idle === undefined && preview === undefined)
    .map(entryPoint => ({
      entryPoint,
      line: formatEntryPoint(
        entryPoint,
        any !== undefined && hadAny(entryPoint, before!.entryPoints, any) ? any : undefined,
      ),
    }))
    .filter(({ line }) => line !== '')
  const previews = entryPoints
    .filter(({ idle, preview }) => idle === undefined && preview !== undefined)
    .map(point => `${service}: preview at ${point.hosts.join(', ')} → ${sharesOf(point)}`)
  const distinct = new Set(lines.map(({ line }) => line))
  if (distinct.size === 1) return [`${service}: ${lines[0]!.line}`, ...previews]
  return [...lines.map(({ entryPoint: { ref }, line }) => `${service} (${keyOf(ref)}): ${line}`), ...previews]
}

/** Who gets the requests of a preview. */
const sharesOf = ({ splits }: EntryPoint): string =>
  splits.map(({ shares }) => formatShares(shares)).join(', ')

/**
 * Whether some who come by an entry point had any version before: its routes named none, or callers in the mesh
 * had no route at all.
 */
function hadAny({ ref, gateways }: EntryPoint, before: readonly EntryPoint[], any: string): boolean {
  const same = before.find(entryPoint => keyOf(entryPoint.ref) === keyOf(ref))
  if (same !== undefined) return reachedShares(same).includes(any)
  const isForMesh = (each: Pick<EntryPoint, 'gateways' | 'idle'>): boolean =>
    each.idle === undefined && each.gateways.includes('mesh')
  return isForMesh({ gateways }) && !before.some(isForMesh)
}

/** The distinct shares of the routes of an entry point that take requests, as they are read. */
const reachedShares = ({ splits, idle }: EntryPoint): readonly string[] =>
  idle === undefined
    ? [...new Set(splits.filter(({ reached }) => reached).map(({ shares }) => formatShares(shares)))]
    : []

/**
 * `cohort internal (x-istio-cohort: internal) → v2; everyone else → v1 90 %, v2 10 %`. Where some had `any`
 * version before: `everyone else: any of v1, v2 → v1`.
 */
export function formatEntryPoint(entryPoint: EntryPoint, any?: string): string {
  const { sticky, ...others } = entryPoint
  const { cohorts, splits, mirrors } = others
  const groups = cohorts
    .filter(({ reached }) => reached)
    .map(
      ({ name, to, shares, fault, unknown, ...who }) =>
        `cohort ${name} (${formatWho(who)}) → ${formatCohortTo({ to, shares })}${formatFault({ ...(fault !== undefined && { fault }), ...(unknown !== undefined && { unknown }) })}`,
    )
  const all = restOf(others)
  const everyone = sticky === undefined ? all : `${all} without cookie ${sticky.cookie}`
  const reached = splits.filter(split => split.reached)
  const shares = new Set(reached.map(split => formatShares(split.shares)))
  const rest =
    shares.size <= 1
      ? [...shares].map(text => `${everyone}${any === undefined || any === text ? '' : `: ${any}`} → ${text}`)
      : reached.map(
          ({ takes, shares: those }) => `${takes === '' ? everyone : takes} → ${formatShares(those)}`,
        )
  const copies = mirrors.map(
    ({ version, percent, takes }) =>
      `${percent} % mirrored to ${version}${takes === undefined ? '' : ` (${formatTakes(takes)})`}`,
  )
  const kept = sticky === undefined ? [] : [`with it → the version that it names`]
  return [...groups, ...rest, ...kept, ...copies].join('; ')
}
