import { keyOf } from '../../../shared/objects/kube-object.ts'
import { anyOf, type MirrorRoute } from '../../../shared/routing/traffic.ts'
import { formatTable } from '../table.ts'
import { sharesByVersion, type ShareRange } from './shares.ts'
import { formatAge } from './span.ts'
import { formatRunCell } from '../rollouts/service-run.ts'
import type { LastChange, ServiceFinding, ServiceRun, ServiceStatus } from './service-status.ts'

/** A service in one line. */
export interface ListedService {
  readonly namespace: string
  readonly service: string
  readonly stable?: string
  /** The versions that get requests; `any` where some go to all pods alike, `unknown` where a weight is no number. */
  readonly shares: 'any' | 'unknown' | readonly ListedShare[]
  readonly cohorts: readonly { readonly name: string; readonly to: string }[]
  /** The versions that are shown at hosts of their own. */
  readonly previews?: readonly string[]
  /** The versions that get copies. */
  readonly mirrors: readonly Pick<MirrorRoute, 'version' | 'percent' | 'byHand'>[]
  readonly versions: ServiceStatus['versions']
  readonly findings: readonly ServiceFinding[]
  readonly changed?: LastChange
  readonly run?: ServiceRun
  /** The objects of controllers that own its routes: `Canary shop/catalog`. */
  readonly owners?: readonly string[]
}

interface ListedShare extends ShareRange {
  readonly version: string
}

/** What of a service goes into its line. */
export function listedOf({
  namespace,
  service,
  stable,
  versions,
  entryPoints,
  findings,
  changed,
  run,
  controller,
}: ServiceStatus): ListedService {
  const shares = sharesByVersion({ versions, entryPoints })
  const cohorts = entryPoints.flatMap(point => point.cohorts.map(({ name, to }) => ({ name, to })))
  const owners = [
    ...new Set([
      ...(controller === undefined ? [] : [keyOf(controller.object)]),
      ...entryPoints.flatMap(({ owner }) => owner ?? []),
    ]),
  ]
  const previews = [...new Set(entryPoints.flatMap(({ preview }) => preview ?? []))]
  return {
    namespace,
    service,
    ...(stable === undefined ? {} : { stable }),
    shares:
      typeof shares === 'string'
        ? shares
        : [...shares]
            .filter(([, { most }]) => most > 0)
            .map(([version, { least, most }]) => ({ version, least, most })),
    cohorts: [...new Map(cohorts.map(cohort => [`${cohort.name} ${cohort.to}`, cohort])).values()],
    ...(previews.length === 0 ? {} : { previews }),
    mirrors: distinctMirrors(entryPoints),
    versions,
    findings,
    ...(changed === undefined ? {} : { changed }),
    ...(run !== undefined && { run }),
    ...(owners.length > 0 && { owners }),
  }
}

/** The mirrors of all entry points, those that do the same once. */
function distinctMirrors(entryPoints: ServiceStatus['entryPoints']): ListedService['mirrors'] {
  const all = entryPoints.flatMap(({ mirrors }) =>
    mirrors
      .filter(({ isElsewhere }) => isElsewhere !== true)
      .map(({ version, percent, byHand }) => ({ version, percent, byHand })),
  )
  return [...new Map(all.map(mirror => [JSON.stringify(mirror), mirror])).values()]
}

/** Whether a canary is on: a stable version or a cohort is recorded, copies are made, or one route splits. */
export const isInCanary = ({
  stable,
  versions,
  entryPoints,
}: Pick<ServiceStatus, 'stable' | 'versions' | 'entryPoints'>): boolean =>
  stable !== undefined
  || entryPoints
    .filter(point => !isOfOthers(point, versions))
    .some(
      ({ cohorts, mirrors, splits, preview }) =>
        preview !== undefined
        || cohorts.length > 0
        || mirrors.some(({ isElsewhere }) => isElsewhere !== true)
        || splits.some(
          ({ shares, unknownWeight }) =>
            unknownWeight !== undefined || shares.filter(({ percent }) => percent > 0).length > 1,
        ),
    )

/** Whether it is for wildcard hosts of the mesh and leads to other Services alone: a split there is no canary of this one. */
function isOfOthers(
  { hosts, gateways, cohorts, splits }: ServiceStatus['entryPoints'][number],
  versions: ServiceStatus['versions'],
): boolean {
  const own = new Set([...versions.map(({ name }) => name), anyOf(versions)])
  return (
    cohorts.length === 0
    && gateways.every(gateway => gateway === 'mesh')
    && hosts.every(host => host.startsWith('*'))
    && splits.every(({ shares }) => shares.every(({ version }) => !own.has(version)))
  )
}

export interface ListStyle {
  /** The namespace is a column. */
  readonly withNamespace: boolean
  readonly wide: boolean
  /** Readiness is known: not on files. */
  readonly live: boolean
  readonly now: Date
}

/** A line for each service, its cells in the words that the commands take: `v1=90,v2=10`. */
export function formatList(
  services: readonly ListedService[],
  { withNamespace, wide, live, now }: ListStyle,
): string {
  const ready = wide && live
  const hasHistory = services.some(({ changed }) => changed !== undefined)
  const hasRuns = services.some(({ run }) => run !== undefined && run.ended === undefined)
  const hasOwners = services.some(({ owners = [] }) => owners.length > 0)
  const hasMirrors = wide || services.some(({ mirrors }) => mirrors.length > 0)
  const heading = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    'SERVICE',
    'STABLE',
    'SHARES',
    'COHORTS',
    ...(hasMirrors ? ['MIRRORS'] : []),
    ...(hasRuns ? ['RUN'] : []),
    ...(hasOwners ? ['OWNER'] : []),
    ...(ready ? ['READY'] : []),
    ...(hasHistory ? ['CHANGED', 'BY'] : []),
    'FINDINGS',
  ]
  return formatTable(
    heading,
    services.map(({ namespace, service, stable, shares, cohorts, previews = [], mirrors, ...rest }) => [
      ...(withNamespace ? [namespace] : []),
      service,
      stable ?? '-',
      formatShares(shares),
      formatCohorts(cohorts, previews),
      ...(hasMirrors ? [joined(unique(mirrors.map(({ version, percent }) => `${version}=${percent}`)))] : []),
      ...(hasRuns ? [formatRunCell(rest.run)] : []),
      ...(hasOwners ? [formatOwners(rest.owners)] : []),
      ...(ready ? [joined(rest.versions.map(formatReady))] : []),
      ...(hasHistory ? formatLast(rest.changed, now) : []),
      wide ? joined(unique(rest.findings.map(({ rule }) => rule))) : formatCounts(rest.findings),
    ]),
  )
}

const formatOwners = (owners: ListedService['owners'] = []): string => joined(owners)

/** How long ago the last change was, and who made it. */
const formatLast = (changed: LastChange | undefined, now: Date): readonly string[] =>
  changed === undefined ? ['-', '-'] : [formatAge(changed.at, now), changed.by ?? '-']

const formatShares = (shares: ListedService['shares']): string =>
  typeof shares === 'string' ? (shares === 'any' ? 'any' : '?') : joined(shares.map(formatShare))

const formatCohorts = (cohorts: ListedService['cohorts'], previews: readonly string[]): string =>
  joined([
    ...cohorts.map(({ name, to }) => `${name}=${to}`),
    ...previews.map(version => `(preview)=${version}`),
  ])

const joined = (parts: readonly string[]): string => parts.join(',') || '-'
const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

const formatShare = ({ version, least, most }: ListedShare): string =>
  `${version}=${least === most ? most : `${least}-${most}`}`

const formatReady = ({ name, ready, wanted }: ServiceStatus['versions'][number]): string =>
  `${name}=${ready === undefined ? '?' : `${ready}/${wanted}`}`

/** `1 error, 2 warnings`. */
function formatCounts(findings: readonly ServiceFinding[]): string {
  const counts = (['error', 'warning', 'info'] as const).flatMap(severity => {
    const count = findings.filter(finding => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`]
  })
  return counts.join(', ') || '-'
}
