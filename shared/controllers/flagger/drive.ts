import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { patchCommand, shellWord } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, textOf } from '../../objects/unchecked.ts'
import type { ControllerOrder, DrivenRollout, OrderWords } from '../../routing/controller.ts'
import {
  canaryFields,
  gateCall,
  gatesOf,
  isEnding,
  isUnderWay,
  serviceNames,
  type CanaryFields,
} from './canary.ts'

/** Why Flagger has no such order, for all Canaries. */
export const lacks = {
  step: 'Flagger continues by itself after each interval; only its confirm-… webhooks hold it.',
  retry: 'Flagger begins again when the pod template of its target changes.',
  undo: 'Flagger keeps no revisions; the target of a Canary has them.',
} as const

/** An order to one Canary, read. */
interface Ordered {
  readonly canary: KubeObject
  readonly owner: string
  readonly fields: CanaryFields
  readonly words: OrderWords
}

/** The changes of an order to a Canary. Flagger has no command line: its documentation says which field does what. */
export function drive(canary: KubeObject, words: OrderWords): DrivenRollout {
  const ordered = { canary, owner: keyOf(refOf(canary)), fields: canaryFields(canary), words }
  return orders[words.order](ordered)
}

const orders: Readonly<Record<ControllerOrder, (ordered: Ordered) => DrivenRollout>> = {
  step,
  full,
  abort,
  pause,
  resume,
  retry: ordered => {
    throw refused(ordered, lacks.retry, [...restart(ordered, 'To analyse the same version again')])
  },
  undo: ordered => {
    throw refused(ordered, lacks.undo, takenBack(ordered))
  },
}

/** Only a gate can be passed by a person. */
function step(ordered: Ordered): DrivenRollout {
  const { canary, owner, fields } = ordered
  const holding = gatesOf(fields).filter(({ type }) => type.startsWith('confirm-'))
  throw refused(
    ordered,
    lacks.step,
    holding.length === 0
      ? [`${owner} has none of these webhooks.`]
      : holding.map(gate => {
          const open = gateCall(canary, gate, 'open')
          return open === undefined
            ? `Its webhook ${gate.name} (${gate.type}) asks ${gate.url}: let that answer with 200.`
            : `To open its gate ${gate.name} (${gate.type}): ${open.command}`
        }),
  )
}

/** https://docs.flagger.app/usage/how-it-works#canary-analysis, and shouldSkipAnalysis in pkg/controller/scheduler.go. */
function full(ordered: Ordered): DrivenRollout {
  const { canary, owner, fields, words } = ordered
  if (fields.isSuspended)
    throw refused(ordered, 'it is suspended, and Flagger leaves it as it is', [
      `To let it continue first: kubectl canary resume ${words.named}`,
    ])
  if (isEnding(fields)) return nothing(`${owner} is being promoted already (${fields.phase}).`)
  if (!isUnderWay(fields))
    throw refused(
      ordered,
      `no version is under way (${fields.phase === '' ? 'no phase yet' : fields.phase})`,
      ['With spec.skipAnalysis set now, the next change of its target would be released without analysis.'],
    )
  if (fields.skipsAnalysis) return nothing(`${owner} skips the analysis already.`)
  const { primary } = serviceNames(fields)
  return {
    ...set(canary, { skipAnalysis: true }),
    at: `version ${textOf(fields.status['lastAppliedSpec']) ?? 'unknown'}`,
    says: [
      `${owner} releases the version without more analysis: Flagger copies the pod template of ${fields.target.name} to ${fields.target.name}-primary, sends everything to ${primary}, and scales ${fields.target.name} to zero`,
    ],
    notes: [
      `spec.skipAnalysis stays, so that later versions are released without analysis, too. To end that after this one: ${patchCommand(refOf(canary), 'merge', { spec: { skipAnalysis: false } })}`,
    ],
  }
}

/** Throws a CanaryError `refused` where Flagger does not look at its rollback webhook. */
function requireLooked(ordered: Ordered, hooks: readonly unknown[]): void {
  const { canary, fields, words } = ordered
  if (fields.skipsAnalysis)
    throw refused(
      ordered,
      'spec.skipAnalysis is set, and Flagger promotes the version without a look at its rollback webhook',
      [
        `To have it look: ${patchCommand(refOf(canary), 'merge', { spec: { skipAnalysis: false } })}`,
        ...takenBack(ordered),
      ],
    )
  if (fields.isSuspended && hooks.length > 0)
    throw refused(ordered, 'it is suspended, and Flagger does not look at its rollback webhook', [
      `To let it continue first: kubectl canary resume ${words.named}`,
    ])
}

/** It goes back by its rollback webhook alone, and by failed checks (runRollbackHooks in pkg/controller/scheduler_hooks.go). */
function abort(ordered: Ordered): DrivenRollout {
  const { canary, owner, fields, words } = ordered
  if (!isUnderWay(fields) && !isEnding(fields))
    return nothing(`Nothing to abort: ${owner} has no version under way (${fields.phase || 'no phase yet'}).`)
  if (isEnding(fields))
    throw refused(ordered, `it is being promoted (${fields.phase}), and Flagger does not take that back`, [
      ...takenBack(ordered),
    ])
  const hooks = gatesOf(fields).filter(({ type }) => type === 'rollback')
  requireLooked(ordered, hooks)
  if (hooks.length === 0)
    throw refused(
      ordered,
      'Flagger goes back after failed checks, or where a webhook of type rollback says so, and it has none',
      [
        ...takenBack(ordered),
        ...(fields.isSuspended ? [] : [`To hold it where it is: kubectl canary pause ${words.named}`]),
      ],
    )
  const calls = hooks.flatMap(hook => gateCall(canary, hook, 'open') ?? [])
  if (calls.length === 0)
    throw refused(
      ordered,
      'its rollback webhook is not a gate of the load tester, and Flagger goes back when that answers with 200',
      hooks.map(hook => `Let ${hook.url} (webhook ${hook.name}) answer with 200.`),
    )
  return {
    changes: [],
    calls: calls.slice(0, 1),
    says: [
      `${owner} goes back: the gate of its rollback webhook is opened, and Flagger sends everything to primary at its next look`,
    ],
    notes: hooks
      .flatMap(hook => gateCall(canary, hook, 'close') ?? [])
      .slice(0, 1)
      .map(
        ({ command }) =>
          `The gate stays open and would end the next run, too. To close it after this one: ${command}`,
      ),
  }
}

function pause({ canary, owner, fields }: Ordered): DrivenRollout {
  if (fields.isSuspended) return nothing()
  return {
    ...set(canary, { suspend: true }),
    says: [`${owner} is suspended: Flagger leaves its routes and pods as they are`],
    notes: [],
  }
}

function resume({ canary, owner, fields, words }: Ordered): DrivenRollout {
  if (fields.isSuspended)
    return {
      ...set(canary, { suspend: false }),
      says: [`${owner} continues: Flagger writes its routes again as its analysis has them`],
      notes: [],
    }
  const holding = gatesOf(fields).some(({ type }) => type.startsWith('confirm-'))
  return nothing(
    ...(holding && fields.phase.startsWith('Waiting')
      ? [
          `${owner} waits for its webhooks. What opens them${words.where ?? ''}: kubectl canary promote ${words.named} --step`,
        ]
      : []),
  )
}

const nothing = (...notes: readonly string[]): DrivenRollout => ({ changes: [], says: [], notes })

/** One field of the spec, as `kubectl patch --type=merge` sets it. */
function set(canary: KubeObject, fields: Readonly<Record<string, boolean>>): Pick<DrivenRollout, 'changes'> {
  const after = { ...canary, spec: { ...fieldsOf(Reflect.get(canary, 'spec')), ...fields } } as KubeObject
  return { changes: [{ before: canary, after, patch: { type: 'merge', body: { spec: fields } } }] }
}

const refused = ({ owner }: Ordered, reason: string, hints: readonly string[]): CanaryError =>
  new CanaryError('refused', `${owner}: ${reason.replace(/\.$/, '')}`, { owner, hints })

/** How the change of the target is taken back, which Flagger analyses as a new version. */
function takenBack({ canary, fields: { target } }: Ordered): readonly string[] {
  if (target.kind !== 'Deployment' && target.kind !== 'DaemonSet') return []
  return [
    `To take the change of ${target.kind} ${target.name} back, which Flagger then analyses as a new version: kubectl rollout undo ${target.kind.toLowerCase()}/${shellWord(target.name)} -n ${shellWord(namespaceOf(canary))}`,
  ]
}

function restart({ canary, fields: { target } }: Ordered, why: string): readonly string[] {
  if (target.kind !== 'Deployment' && target.kind !== 'DaemonSet') return []
  return [
    `${why}: kubectl rollout restart ${target.kind.toLowerCase()}/${shellWord(target.name)} -n ${shellWord(namespaceOf(canary))}`,
  ]
}
