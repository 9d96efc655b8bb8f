import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, textOf } from '../../objects/unchecked.ts'
import type { DrivenRollout, OrderWords } from '../../routing/controller.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { promoteFullPatches, promotePatches, unpause, type RolloutPatches } from './promote.ts'
import { isDerived, setToRestore } from './revisions.ts'
import { rolloutFields, type RolloutFields } from './rollout.ts'
import { colourNames, placeOf, stepWords, switchWords, versionWords } from './words.ts'

/** An order to one Rollout, read. */
interface Ordered {
  readonly rollout: KubeObject
  readonly owner: string
  readonly fields: RolloutFields
  readonly words: OrderWords
}

/** The changes of an order to a Rollout; each patch is what its own command line sends. */
export function drive(view: ClusterView, rollout: KubeObject, words: OrderWords): DrivenRollout {
  const ordered = { rollout, owner: keyOf(refOf(rollout)), fields: rolloutFields(rollout), words }
  switch (words.order) {
    case 'step':
      return step(ordered)
    case 'full':
      return full(ordered)
    case 'abort':
      return abort(ordered)
    case 'retry':
      return retry(ordered)
    case 'pause':
      return pause(ordered)
    case 'resume':
      return resume(ordered)
    case 'undo':
      return undo(view, ordered)
  }
}

function step(ordered: Ordered): DrivenRollout {
  const { owner, fields, words } = ordered
  const { isAborted, isPromoted, isPaused, blueGreen, pauseConditions } = fields
  // The controller puts the step of an aborted Rollout back to the first (rollout/canary.go).
  if (isAborted && !isPromoted)
    throw new CanaryError('refused', `${owner} is aborted: its controller would drop a step`, {
      owner,
      hints: [
        `To roll the version out again: kubectl canary retry ${words.named}`,
        `To send everything to it at once: kubectl canary promote ${words.named} --full`,
      ],
    })
  if (isPromoted && !isPaused) return nothing(`Nothing to promote: ${owner} has no version under way.`)
  if (blueGreen !== undefined && pauseConditions.length === 0 && !isPaused)
    return nothing(`Nothing to promote: ${owner} is not paused.`)
  return {
    ...driven(ordered, promotePatches(fields), {
      says: [
        blueGreen === undefined
          ? `${owner} continues${stepWords(fields)}`
          : `${owner} continues: ${switchWords(fields)}`,
      ],
    }),
    at: placeOf(fields),
  }
}

function full(ordered: Ordered): DrivenRollout {
  const { owner, fields } = ordered
  if (fields.isPromoted && !fields.isPaused)
    return nothing(`Nothing to promote: ${owner} has no version under way.`)
  return {
    ...driven(ordered, promoteFullPatches(fields), {
      says: [
        fields.blueGreen === undefined
          ? `${owner} sends everything to the new version, without the rest of its steps, pauses and analyses`
          : `${owner} switches without its pause and analyses: ${switchWords(fields)}`,
      ],
    }),
    at: versionWords(fields),
  }
}

function abort(ordered: Ordered): DrivenRollout {
  const { owner, fields, words } = ordered
  // "Removing abort condition from fully promoted rollout" (rollout/controller.go).
  if (fields.isPromoted)
    throw new CanaryError(
      'refused',
      `${owner} has nothing to abort: its newest version is promoted, and its controller drops an abort then`,
      { owner, hints: [`To go back to the version before: kubectl canary undo ${words.named}`] },
    )
  if (fields.isAborted) return nothing()
  return driven(
    ordered,
    { status: { status: { abort: true } } },
    {
      says: [
        fields.blueGreen === undefined
          ? `${owner} sends everything back to its stable version`
          : `${owner} gives its new version up: ${colourNames(fields)} lead to the pods of the stable one`,
      ],
      notes: [
        `spec.template of ${owner} still is the aborted version. To try it again: kubectl canary `
          + `retry ${words.named}; to take it back: kubectl canary undo ${words.named}`,
      ],
    },
  )
}

function retry(ordered: Ordered): DrivenRollout {
  const { owner, fields } = ordered
  if (!fields.isAborted) return nothing(`Nothing to retry: ${owner} is not aborted.`)
  return driven(
    ordered,
    { status: { status: { abort: false } } },
    {
      says: [
        `${owner} rolls its new version out `
          + `again${fields.blueGreen === undefined ? ', from its first step' : ': its preview leads to it'}`,
      ],
    },
  )
}

function pause(ordered: Ordered): DrivenRollout {
  const { owner, fields } = ordered
  if (fields.isPaused) return nothing()
  return driven(ordered, { spec: { spec: { paused: true } } }, { says: [`${owner} stays where it is`] })
}

function resume(ordered: Ordered): DrivenRollout {
  const { owner, fields, words } = ordered
  const waits = fields.pauseConditions.length > 0 && !fields.isPromoted
  const note = `${owner} waits at a pause of its own. To continue${words.where ?? ''}: kubectl canary promote ${words.named} --step`
  if (!fields.isPaused) return nothing(...(waits ? [note] : []))
  return driven(ordered, { spec: unpause }, { says: [`${owner} continues`], ...(waits && { notes: [note] }) })
}

function undo(view: ClusterView, { rollout, owner, fields, words }: Ordered): DrivenRollout {
  const { revision, template } = setToRestore(rollout, words.parts, words.toRevision)
  const target = templateHolder(view, rollout)
  const spec = fieldsOf(Reflect.get(target, 'spec'))
  if (isDerived(spec['template'], template))
    return nothing(`The pod template of ${owner} is that of revision ${revision} already.`)
  const after = { ...target, spec: { ...spec, template } } as KubeObject
  const body = [{ op: 'replace', path: '/spec/template', value: template }]
  return {
    changes: [{ before: target, after, patch: { type: 'json', body } }],
    says: [`${owner} goes back to the pod template of revision ${revision}`],
    notes: [
      'Where that is not the stable version, it is rolled out by the '
        + `${fields.blueGreen === undefined ? 'steps' : 'preview'} of ${owner}. To skip `
        + `${fields.blueGreen === undefined ? 'them' : 'it'}: kubectl canary promote ${words.named} --full`,
    ],
    at: `revision ${revision} before its newest`,
  }
}

/** What holds the pod template: the Rollout, or the Deployment that it refers to. */
function templateHolder(view: ClusterView, rollout: KubeObject): KubeObject {
  const reference = fieldsOf(rolloutFields(rollout).spec['workloadRef'])
  const [kind, name] = [textOf(reference['kind']), textOf(reference['name'])]
  if (name === undefined) return rollout
  const found = kind === 'Deployment' ? view.get({ kind, namespace: namespaceOf(rollout), name }) : undefined
  if (found !== undefined) return found
  const owner = keyOf(refOf(rollout))
  throw new CanaryError(
    'refused',
    `${owner} takes its pod template from ${kind ?? 'an object'} ${name}, which `
      + (kind === 'Deployment' ? 'is not there' : 'is not changed by kubectl canary'),
    { owner, hints: [`Change the template of ${kind ?? 'that object'} ${name}.`] },
  )
}

const nothing = (...notes: readonly string[]): DrivenRollout => ({ changes: [], says: [], notes })

/** The status comes first, as the command line sends it: it is what a paused Rollout acts on when it continues. */
function driven(
  { rollout }: Ordered,
  { status, spec }: RolloutPatches,
  { says, notes = [] }: Partial<Pick<DrivenRollout, 'says' | 'notes'>>,
): DrivenRollout {
  const afterStatus = status === undefined ? rollout : patched(rollout, status)
  const changes: readonly Change[] = [
    ...(status === undefined
      ? []
      : [
          {
            before: rollout,
            after: afterStatus,
            patch: { type: 'merge', subresource: 'status', body: status } as const,
          },
        ]),
    ...(spec === undefined
      ? []
      : [
          {
            before: afterStatus,
            after: patched(afterStatus, spec),
            // Its controller answers the status at once, so that nothing could be bound to what that made of it.
            patch: {
              type: 'merge',
              body: spec,
              ...(status !== undefined && { isUnbound: true as const }),
            } as const,
          },
        ]),
  ]
  return { changes, says: says ?? [], notes }
}

/** An object with a merge patch of its parts laid over it, each one field deep, as those of the orders are. */
function patched(object: KubeObject, patch: Readonly<Record<string, unknown>>): KubeObject {
  const parts = Object.entries(patch).map(([part, fields]) => {
    const before = fieldsOf(Reflect.get(object, part))
    const merged = Object.entries({ ...before, ...fieldsOf(fields) }).filter(([, value]) => value !== null)
    return [part, Object.fromEntries(merged)] as const
  })
  return { ...object, ...Object.fromEntries(parts) }
}
