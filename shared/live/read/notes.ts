import { workloadKinds, type Kind } from '../../objects/kinds.ts'
import type { Scope } from '../../view/store.ts'
import { resourceName } from '../api-path.ts'
import type { Listed } from './list-kind.ts'

/** What one list gave; without a namespace it was for the whole cluster. */
export interface ListResult {
  readonly kind: Kind
  readonly namespace: string | undefined
  readonly listed: Listed
}

/**
 * Kinds that only add to what is said: without them it is left out, and nothing that is said is less sure.
 */
const silentKinds: ReadonlySet<Kind> = new Set([
  'Namespace',
  'EndpointSlice',
  'HorizontalPodAutoscaler',
  'RequestAuthentication',
  'PodDisruptionBudget',
  'PeerAuthentication',
  'HTTPRoute',
  'GRPCRoute',
  'Gateway.gateway.networking.k8s.io',
  'ReferenceGrant',
  'TLSRoute',
  'TCPRoute',
  'ApisixRoute',
  'ApisixPluginConfig',
  'ApisixUpstream',
])

/** What nobody can tell without a kind. */
const losses: Partial<Record<Kind, string>> = {
  DestinationRule: 'which subsets exist',
  Gateway: 'whether the gateways of routes exist',
  ...Object.fromEntries(
    ['ServiceEntry', 'WorkloadEntry', 'WorkloadGroup'].map(kind => [
      kind,
      'which hosts and machines outside the cluster exist',
    ]),
  ),
  Sidecar: 'which hosts sidecars see',
  ...Object.fromEntries(
    [...workloadKinds, 'Pod'].map(kind => [kind, 'which versions run and whether they are ready']),
  ),
}

/** How much is said of what could not be read. */
export interface NoteStyle {
  /** One sentence for all rights that are missing, instead of one for each thing that was not checked. */
  readonly brief: boolean
  /** What else could not be read for lack of rights, and what follows. */
  readonly others: readonly MissingRight[]
}

/** A right that is missing. */
export interface MissingRight {
  readonly resource: string
  readonly sentence: string
}

/** Sentences for stderr about what could not be read, and what therefore was not checked. */
export function notesOf(
  all: readonly ListResult[],
  scope: Scope,
  { brief, others }: NoteStyle,
): readonly string[] {
  const parts = all.filter(({ kind }) => !silentKinds.has(kind))
  const isOwn = ({ namespace }: ListResult): boolean =>
    scope.namespaces === '*' || namespace === undefined || scope.namespaces.includes(namespace)
  const forbidden = parts.filter(({ listed }) => listed.is === 'forbidden')
  const sentences = [
    ...lossNotes(forbidden.filter(isOwn)),
    ...narrowNotes(
      parts,
      forbidden.filter(part => !isOwn(part)),
      scope,
    ),
    ...others.map(({ sentence }) => sentence),
  ]
  const resources = [
    ...forbidden.map(({ kind }) => resourceName(kind)),
    ...others.map(({ resource }) => resource),
  ]
  return [
    ...absentNotes(parts),
    ...(brief && sentences.length > 1 ? [inOneLine(unique(resources))] : sentences),
  ]
}

/** The first three are enough to know which role is missing. */
const listed = (names: readonly string[]): string =>
  names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

const inOneLine = (resources: readonly string[]): string =>
  `No permission to read all of ${listed(resources)}: what depends on them was not checked (-v 1 says what).`

/** One sentence for all kinds with the same loss. */
function lossNotes(forbidden: readonly ListResult[]): readonly string[] {
  const lossOf = ({ kind }: ListResult): string => losses[kind] ?? 'what depends on them'
  return [...Map.groupBy(forbidden, lossOf)].map(([loss, parts]) => {
    const namespaces = unique(parts.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])))
    const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(', ')}`
    return `No permission to read ${unique(parts.map(({ kind }) => resourceName(kind))).join(', ')}${where}: cannot check ${loss}.`
  })
}

/** Routing objects that were read in some namespaces only, since the cluster as a whole may not be listed. */
function narrowNotes(
  parts: readonly ListResult[],
  beyond: readonly ListResult[],
  { namespaces }: Scope,
): readonly string[] {
  if (namespaces === '*') return []
  const isNarrow = ({ kind }: ListResult): boolean =>
    parts.some(
      other =>
        other.kind === kind
        && other.listed.is === 'read'
        && other.namespace !== undefined
        && !namespaces.includes(other.namespace),
    ) || beyond.some(other => other.kind === kind)
  // A kind that may be read nowhere has its own sentence.
  const isRead = (kind: Kind): boolean => parts.some(part => part.kind === kind && part.listed.is === 'read')
  const narrow = parts.filter(part => part.namespace !== undefined && isNarrow(part) && isRead(part.kind))
  if (narrow.length === 0) return []
  const read = unique(narrow.flatMap(({ namespace, listed }) => (listed.is === 'read' ? [namespace!] : [])))
  return [
    `No permission to list ${unique(narrow.map(({ kind }) => resourceName(kind))).join(', ')} in all namespaces: only those in ${read.join(', ')} were read. Objects in other namespaces may affect the same hosts.`,
  ]
}

function absentNotes(parts: readonly ListResult[]): readonly string[] {
  const isAbsent = (kind: Kind): boolean =>
    parts.some(part => part.kind === kind && part.listed.is === 'absent')
  return isAbsent('VirtualService')
    ? ["Istio's resources are not installed in this cluster (networking.istio.io has no virtualservices)."]
    : []
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
