import { keyOf } from '../../../shared/objects/kube-object.ts'
import { changedRef } from '../../../shared/view/change.ts'
import type { ChangeRecord, ChangeSummary } from '../../../shared/view/history.ts'
import { formatTable } from '../table.ts'
import { formatAge } from './span.ts'

/** How recorded changes are listed. */
export interface HistoryStyle {
  readonly wide: boolean
  readonly now: Date
  readonly withNamespace: boolean
  readonly withService: boolean
  /** The revisions of Deployments among them, the oldest first. */
  readonly rollouts?: readonly ShownRevision[]
}

/** A revision of a Deployment. */
interface ShownRevision {
  readonly deployment: string
  readonly revision: number
  readonly at: string
  readonly images: readonly string[]
  readonly cause?: string
}

/** A line for each change, in the order given; `wide` adds the command and what is stable after it. */
export function formatHistory(
  changes: readonly ChangeSummary[],
  { wide, now, withNamespace, withService, rollouts = [] }: HistoryStyle,
): string {
  const heading = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    ...(withNamespace || withService ? ['SERVICE'] : []),
    'REVISION',
    'AGE',
    'BY',
    'CHANGE',
    ...(wide ? ['STABLE', 'COMMAND'] : []),
    'REASON',
  ]
  const rows = changes.map(
    ({ namespace, service, revision, at, by, title, stable, command, reason, heartbeat }) => [
      ...(withNamespace ? [namespace] : []),
      ...(withNamespace || withService ? [service] : []),
      String(revision),
      formatAge(at, now),
      by ?? '-',
      heartbeat === undefined ? title : `${title} (not finished)`,
      ...(wide ? [stable ?? '-', command] : []),
      reason ?? '-',
    ],
  )
  if (rollouts.length === 0) return formatTable(heading, rows)
  const all = [
    ...rows.map((row, i) => ({ at: changes[i]!.at, row })),
    ...rollouts.map(rollout => ({ at: rollout.at, row: rolloutRow(rollout, { wide, now }) })),
  ]
  // A change and a rollout of the same second: ours was the later one, as it waits for pods.
  const inOrder = all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return formatTable(
    heading,
    inOrder.map(({ row }) => row),
  )
}

/** `deployment/hello:2`, an image, and why. */
const rolloutRow = (
  { deployment, revision, at, images, cause }: ShownRevision,
  { wide, now }: Pick<HistoryStyle, 'wide' | 'now'>,
): readonly string[] => [
  `deployment/${deployment}:${revision}`,
  formatAge(at, now),
  '-',
  `rollout ${images.join(', ')}`,
  ...(wide ? ['-', '-'] : []),
  cause ?? '-',
]

/** What is known of one change besides its objects. */
export function formatRevision(record: ChangeRecord, now: Date): string {
  const { service, namespace, revision, title, command, by, at, reason, changes, stable, heartbeat } = record
  const others = (record.with ?? []).map(one => `${one.namespace}/${one.service} (revision ${one.revision})`)
  const lines = [
    ['Service:', `${namespace}/${service}`],
    ['Revision:', String(revision)],
    ...(others.length === 0 ? [] : [['Together with:', others.join(', ')]]),
    ['Change:', title],
    ['Command:', command],
    ['By:', by ?? '-'],
    ['At:', `${at} (${formatAge(at, now)} ago)`],
    ...(reason === undefined ? [] : [['Reason:', reason]]),
    ...(stable === undefined ? [] : [['Stable after it:', stable]]),
    ...(heartbeat === undefined
      ? []
      : [['State:', 'under way or interrupted; the next command waits for it, or takes back what it wrote']]),
    ['Objects:', changes.map(change => keyOf(changedRef(change))).join(', ')],
  ]
  const [first = [], ...rest] = lines
  return formatTable(first, rest)
}
