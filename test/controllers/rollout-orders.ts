import type { Cluster } from '../cluster/cluster.ts'
import { controllersWorld, type ControllersWorld, type SentPatch } from './controllers-world.ts'
import { aborted, atPause, inAnalysis, promoted, replicaSet, rolloutObjects } from './rollout-objects.ts'

/** A Rollout with its three ReplicaSets in a namespace of its own, with a status and other fields of its spec. */
export async function rolloutWorld(
  cluster: Cluster,
  status: object,
  spec: object = {},
): Promise<ControllersWorld> {
  const made = await controllersWorld(cluster, rolloutObjects, { 'rollouts/checkout': status })
  const { metadata } = await made.get('rollouts/checkout')
  for (const [revision, hash] of [
    [1, 'a1'],
    [2, 'b2'],
    [3, 'c3'],
  ] as const)
    await cluster.apply(replicaSet(revision, hash, metadata.uid!), { namespace: made.namespace })
  if (Object.keys(spec).length > 0) await made.patch('rollouts/checkout', { spec })
  return made
}

const ofStatus = (status: object): SentPatch => ({
  at: 'rollouts/checkout/status',
  type: 'merge',
  body: { status },
})
const ofSpec = (spec: object): SentPatch => ({ at: 'rollouts/checkout', type: 'merge', body: { spec } })

/** An order as it is typed, where the Rollout is, and what is sent. */
export interface RolloutOrder {
  readonly what: string
  readonly line: string
  /** The same for `kubectl argo rollouts`, where it has it. */
  readonly cli?: string
  readonly status: object
  readonly spec?: object
  readonly patches: readonly SentPatch[]
}

const inconclusive = {
  ...inAnalysis,
  controllerPause: true,
  pauseConditions: [{ reason: 'InconclusiveAnalysisRun', startTime: '2026-08-01T12:00:00Z' }],
  canary: { currentStepAnalysisRunStatus: { name: 'success', status: 'Inconclusive' } },
}

/** Each order, and the patches that kubectl-argo-rollouts v1.9.1 sends for it. */
export const rolloutOrders: readonly RolloutOrder[] = [
  {
    what: 'the next step from a pause',
    line: 'promote checkout --step',
    cli: 'promote checkout',
    status: atPause,
    patches: [ofStatus({ pauseConditions: null })],
  },
  {
    what: 'the next step from an analysis',
    line: 'promote checkout --step',
    cli: 'promote checkout',
    status: inAnalysis,
    patches: [ofStatus({ pauseConditions: null, currentStepIndex: 3 })],
  },
  {
    what: 'the next step of what is paused by hand, too',
    line: 'promote checkout --step',
    cli: 'promote checkout',
    status: atPause,
    spec: { paused: true },
    patches: [ofStatus({ pauseConditions: null }), ofSpec({ paused: false })],
  },
  {
    what: 'the next step from an inconclusive analysis',
    line: 'promote checkout --step',
    cli: 'promote checkout',
    status: inconclusive,
    patches: [ofStatus({ pauseConditions: null, controllerPause: false, currentStepIndex: 3 })],
  },
  {
    what: 'a full promotion',
    line: 'promote checkout --full',
    cli: 'promote checkout --full',
    status: atPause,
    patches: [ofStatus({ promoteFull: true })],
  },
  {
    what: 'a full promotion by the name of the version',
    line: 'promote checkout v3',
    cli: 'promote checkout --full',
    status: atPause,
    patches: [ofStatus({ promoteFull: true })],
  },
  {
    what: 'a full promotion of what is paused by hand',
    line: 'promote checkout --full',
    cli: 'promote checkout --full',
    status: atPause,
    spec: { paused: true },
    patches: [ofStatus({ promoteFull: true }), ofSpec({ paused: false })],
  },
  {
    what: 'a full promotion after an abort',
    line: 'promote checkout --full',
    cli: 'promote checkout --full',
    status: aborted,
    patches: [ofStatus({ promoteFull: true })],
  },
  {
    what: 'an abort',
    line: 'abort checkout',
    cli: 'abort checkout',
    status: atPause,
    patches: [ofStatus({ abort: true })],
  },
  {
    what: 'a retry',
    line: 'retry checkout',
    cli: 'retry rollout checkout',
    status: aborted,
    patches: [ofStatus({ abort: false })],
  },
  {
    what: 'a pause',
    line: 'pause checkout',
    cli: 'pause checkout',
    status: inAnalysis,
    patches: [ofSpec({ paused: true })],
  },
  {
    what: 'the end of a pause',
    line: 'resume checkout',
    status: inAnalysis,
    spec: { paused: true },
    patches: [ofSpec({ paused: false })],
  },
]

/** Undos, whose patch is the template of a ReplicaSet. */
export const rolloutUndos: readonly Omit<RolloutOrder, 'patches'>[] = [
  {
    what: 'an undo',
    line: 'undo checkout',
    cli: 'undo checkout',
    status: promoted,
  },
  {
    what: 'an undo to a revision',
    line: 'undo checkout --to-revision 1',
    cli: 'undo checkout --to-revision=1',
    status: promoted,
  },
]
