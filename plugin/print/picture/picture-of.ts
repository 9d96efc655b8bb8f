import { formatUnreached } from '../unreached.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import { formatFault } from '../../../shared/routing/shares.ts'
import {
  formatWho,
  type CohortRoute,
  type EntryPoint,
  type Share,
  type Split,
  type Version,
} from '../../../shared/routing/traffic.ts'
import type { ServiceStatus } from '../services/service-status.ts'
import { restOf, sharesOfCohort } from '../services/entry-groups.ts'
import { formatShare, formatUnknownWeight, mirrorNotes } from '../services/shares.ts'
import { formatSpan } from '../services/span.ts'
import type { PictureEdge, PictureNode, ServicePicture } from './picture.ts'

/** The traffic of services as pictures, in their order. */
export const picturesOf = (services: readonly ServiceStatus[]): readonly ServicePicture[] =>
  services.map((service, i) => pictureOf(service, `s${i}`))

/** Some requests of an entry, before they go to versions. */
interface Group {
  readonly kind: 'cohort' | 'rest' | 'mirror'
  readonly title: string
  readonly lines: readonly string[]
  readonly shares: readonly Share[]
}

function pictureOf(service: ServiceStatus, id: string): ServicePicture {
  const { versions, entryPoints, stable } = service
  const entries = entryPoints.map((entry, i) => ({ entry, id: `${id}e${i}`, groups: groupsOf(entry) }))
  const targets = targetsOf(
    versions,
    entries.flatMap(({ groups }) => groups),
  )
  const idOfTarget = new Map(targets.map((name, i) => [name, `${id}v${i}`]))
  const groups = entries.flatMap(each =>
    each.groups.map((group, i) => ({ group, id: `${each.id}g${i}`, entry: each.id })),
  )
  const edges = groups.flatMap(({ group, id: from, entry }) => [
    { from: entry, to: from, label: '', isCopy: group.kind === 'mirror', isFailing: false },
    ...group.shares
      .filter(({ percent }) => percent > 0)
      .map(share => shareEdge(share, { from, to: idOfTarget.get(share.version)!, kind: group.kind })),
  ])
  const reached = new Set(edges.map(({ to }) => to))
  return {
    id,
    title: escaped(
      `${service.service} in namespace ${service.namespace}${stable === undefined ? '' : `, stable is ${stable}`}`,
    ),
    words: wordsOf(entries),
    nodes: [
      ...entries.map(each => entryNode(each.entry, each.id)),
      ...groups.map(({ group, id: groupId }) => groupNode(group, groupId)),
      ...targets.map(name =>
        targetNode(name, {
          version: versions.find(version => version.name === name),
          id: idOfTarget.get(name)!,
          isStable: name === stable,
          isIdle: !reached.has(idOfTarget.get(name)!),
        }),
      ),
    ],
    edges,
  }
}

/** The versions, and what else routes lead to. */
const targetsOf = (versions: readonly Version[], groups: readonly Group[]): readonly string[] => [
  ...new Set([
    ...versions.map(({ name }) => name),
    ...groups.flatMap(({ shares }) =>
      shares.filter(({ percent }) => percent > 0).map(({ version }) => version),
    ),
  ]),
]

function groupsOf(entry: EntryPoint): readonly Group[] {
  const { cohorts, splits, mirrors, idle } = entry
  if (idle !== undefined) return []
  return [
    ...cohorts.map(cohortGroup),
    ...splits.map(split => splitGroup(split, entry)),
    ...mirrors.map((mirror): Group => ({
      kind: 'mirror',
      title: 'copies',
      lines: mirrorNotes(mirror),
      shares: [{ version: mirror.version, percent: mirror.percent }],
    })),
  ]
}

function cohortGroup(cohort: CohortRoute): Group {
  const { name, to, reached } = cohort
  const given = sharesOfCohort(cohort)
  return {
    kind: 'cohort',
    title: `cohort ${name}`,
    lines: [
      formatWho(cohort),
      ...(reached ? faultsOf(given) : [`${to}: no request reaches this route`]),
    ].filter(line => line !== ''),
    shares: reached ? given : [],
  }
}

const splitGroup = (
  { takes, shares, reached, unknownWeight, unlessOlderThan }: Split,
  entry: EntryPoint,
): Group => ({
  kind: 'rest',
  title: restOf(entry),
  lines: [
    ...(takes === '' ? [] : [takes]),
    ...(reached ? [] : [formatUnreached(entry.ref.kind, { unlessOlderThan })]),
    ...(reached && entry.sticky !== undefined
      ? [
          `cookie ${entry.sticky.cookie} keeps a version for ${formatSpan(entry.sticky.ttl)} after the last request`,
        ]
      : []),
    ...(reached && unknownWeight !== undefined ? [formatUnknownWeight(unknownWeight)] : []),
    ...(reached ? faultsOf(shares) : []),
  ],
  shares: reached && unknownWeight === undefined ? shares : [],
})

/** `v9: 503, undefined-subset` for each share that is not answered, `v9: cannot tell: …` where files leave it open. */
const faultsOf = (shares: readonly Share[]): readonly string[] =>
  shares
    .filter(share => share.percent > 0 && formatFault(share) !== '')
    .map(share => `${share.version}: ${formatFault(share).slice(2, -1)}`)

interface EdgeEnds {
  readonly from: string
  readonly to: string
  readonly kind: Group['kind']
}

const shareEdge = (share: Share, { from, to, kind }: EdgeEnds): PictureEdge => ({
  from,
  to,
  percent: share.percent,
  label: `${formatShare(share.percent)}${share.fault === undefined ? '' : share.closes === true ? ' closed' : ` ${share.faultStatus ?? 503}`}`,
  isCopy: kind === 'mirror',
  isFailing: share.fault !== undefined,
})

function entryNode(entry: EntryPoint, id: string): PictureNode {
  const { hosts, gateways, preview, owner, idle, rejected, roots = [] } = entry
  const [first = '(delegate)', ...rest] = hosts
  return {
    ...plain,
    id,
    layer: 0,
    kind: 'entry',
    title: named(first),
    lines: [
      ...rest,
      ...gateways.map(name => (name === 'mesh' ? 'in the mesh' : `gateway ${name}`)),
      ...roots.map(root => `delegated by ${root.namespace}/${root.name}`),
      ...(preview === undefined ? [] : [`preview of ${preview}`]),
      ...(owner === undefined ? [] : [`owned by ${owner}`]),
      ...(idle === undefined ? [] : ['takes no requests:', `${idle.reason} (${idle.rule})`]),
      ...(rejected === undefined ? [] : ['not in effect:', `rejected (${rejected.rule})`]),
    ].map(escaped),
    isIdle: idle !== undefined || rejected !== undefined,
  }
}

/** No box is without a text: Mermaid has no empty ones. */
const named = (text: string): string => escaped(text) || '(no name)'

const plain = { isIdle: false, isStable: false } as const

const groupNode = ({ kind, title, lines, shares }: Group, id: string): PictureNode => ({
  ...plain,
  id,
  layer: 1,
  kind,
  title: named(title),
  lines: lines.map(escaped),
  isIdle: shares.length === 0,
})

interface TargetState extends Pick<PictureNode, 'id' | 'isStable' | 'isIdle'> {
  readonly version: Version | undefined
}

function targetNode(name: string, { version, ...state }: TargetState): PictureNode {
  const { ready, wanted, workloads = [] } = version ?? {}
  return {
    ...state,
    layer: 2,
    kind: version === undefined ? 'elsewhere' : 'version',
    title: named(state.isStable ? `${name} (stable)` : name),
    lines: [
      ...workloads.flatMap(({ kind, name: workload, images = [] }) => [`${kind}/${workload}`, ...images]),
      ...(ready === undefined ? [] : [`${ready}/${wanted} pods ready`]),
    ].map(escaped),
  }
}

/** `catalog in the mesh: everyone → v1 90.0 %, v2 10.0 %`. */
const wordsOf = (
  entries: readonly { readonly entry: EntryPoint; readonly groups: readonly Group[] }[],
): readonly string[] =>
  entries.map(({ entry, groups }) =>
    escaped(
      `${entry.hosts.join(', ') || '(delegate)'} on ${entry.gateways.join(', ')}: ${
        groups
          .map(
            ({ title, shares }) =>
              `${title} → ${shares.map(({ version, percent }) => `${version} ${formatShare(percent)}`).join(', ') || 'nothing'}`,
          )
          .join('; ') || 'takes no requests'
      }`,
    ),
  )
