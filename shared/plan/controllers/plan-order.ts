import { CanaryError } from '../../objects/canary-error.ts'
import { isEqual } from '../../objects/content/equal.ts'
import type { ControlledRollout, ControllerOrder } from '../../routing/controller.ts'
import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf } from '../../objects/unchecked.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Sources } from '../../view/sources.ts'
import type { Target } from '../intent.ts'
import type { Plan } from '../plan.ts'
import { serviceOf, wordsFor } from './controlled.ts'

/** What a person wants of a controller that owns a rollout. */
export interface OrderIntent {
  readonly target: Target
  readonly order: ControllerOrder
  /** For an undo. */
  readonly toRevision?: number | undefined
  readonly force?: boolean
  readonly rollout: ControlledRollout
  /** What the controller has made and the view does not hold. */
  readonly parts: readonly KubeObject[]
  /** Where the fields of files are written. */
  readonly sources?: Pick<Sources, 'commentsAt'> | undefined
}

/** The words of each order after `kubectl canary`. */
const verbs: Readonly<Record<ControllerOrder, (named: string) => string>> = {
  step: named => `promote ${named} --step`,
  full: named => `promote ${named} --full`,
  abort: named => `abort ${named}`,
  retry: named => `retry ${named}`,
  pause: named => `pause ${named}`,
  resume: named => `resume ${named}`,
  undo: named => `undo ${named}`,
}

/** The patches that carry an order out. Throws a CanaryError `refused` where the controller would not follow it. */
export function planOrder(view: ClusterView, intent: OrderIntent): Plan {
  const { order, toRevision, parts, target, rollout, sources } = intent
  const { controller, object, owner } = rollout
  const service = serviceOf(view, rollout)
  const named = wordsFor(service)
  const live = target.live === true
  if (!live) requireOnFiles(order, rollout, named)
  const {
    changes,
    says,
    notes,
    calls = [],
    at,
  } = controller.drive(view, object, {
    order,
    toRevision,
    parts,
    named,
    where: live ? '' : ' on the cluster',
  })
  const written = order === 'resume' && !live ? changes.map(change => withoutAdded(change, sources)) : changes
  const real = written.filter(({ before, after }) => !isEqual(before, after))
  return {
    title: `${order} ${owner}`,
    order: {
      service: service.name,
      namespace: service.namespace,
      owner,
      says: real.length + calls.length > 0 ? says : [],
      ...(at !== undefined && { at }),
      ...(calls.length > 0 && { calls }),
    },
    changes: real,
    steps: real.map(change => ({ change })),
    objects: [real.at(-1)?.after ?? object],
    notes: notes.map(text => ({ kind: 'controller', says: text })),
  }
}

/** Manifests have a spec and no status, and all orders but these two are written to the status or depend on it. */
function requireOnFiles(
  order: ControllerOrder,
  { controller, owner }: ControlledRollout,
  named: string,
): void {
  if (order === 'pause' || order === 'resume') return
  const lacks = controller.can[order]
  throw new CanaryError(
    'refused',
    `${owner}: ${verbs[order]('').replace(/ +/g, ' ').trim()} rests on its status, which manifests do not have`,
    {
      owner,
      hints: [
        lacks === true ? `On the cluster: kubectl canary ${verbs[order](named)}` : lacks,
        'In files, pause and resume set a field of its spec; what else is wanted of it is an edit of its spec.',
      ],
    },
  )
}

/**
 * A change of files that sets the last field of a spec to false: `pause` adds its field at the end, so that `resume` takes
 * the line away again. A field that stands elsewhere, or has a comment, was written by a person, and stays.
 */
function withoutAdded(change: Change, sources: OrderIntent['sources']): Change {
  const before = Object.entries(fieldsOf(fieldsOf(change.before)['spec']))
  const after = fieldsOf(fieldsOf(change.after)['spec'])
  const [name = '', value] = before.at(-1) ?? []
  if (value !== true || after[name] !== false) return change
  const comments = sources?.commentsAt(refOf(change.before!), ['spec', name]) ?? []
  if (comments.length > 0) return change
  const { [name]: _, ...spec } = after
  return { ...change, after: { ...change.after!, spec } as KubeObject }
}
