import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { trafficsOf, type Plan } from '../plan.ts'
import { freezeAnnotation, freezeOf, type Freeze, type UnreadableFreeze } from './freeze.ts'

/** Routes must not be changed now; `freeze` is a sentence without a full stop. */
export class FrozenError extends CanaryError {
  readonly freeze: string

  constructor(service: string, freeze: string, hints: readonly string[]) {
    super('refused', `${service} is frozen: ${freeze}`, { hints })
    this.freeze = freeze
  }
}

/** How a person can continue if a freeze prevents an edit. */
interface FrozenEdit {
  readonly view: ClusterView
  readonly now: Date
  /** The whole command that overrides it. */
  readonly forced: string
}

/** Throws a FrozenError where a plan changes routes of a service that is frozen now. */
export function refuseFrozen(plan: Plan, { view, now, forced }: FrozenEdit): void {
  if (plan.changes.length === 0) return
  const services = [
    ...trafficsOf(plan).map(({ before }) => before),
    ...(plan.order === undefined ? [] : [plan.order]),
  ]
  for (const service of services) {
    const freeze = freezeOf(view, service, now)
    if (freeze !== undefined)
      throw new FrozenError(service.service, formatFreeze(freeze), [
        ...hintsOf(freeze),
        `To change its routes now: ${forced}`,
      ])
  }
}

/** `Service shop/catalog has a freeze until 2026-12-27T00:00Z (holidays)`. */
export const formatFreeze = (freeze: Freeze | UnreadableFreeze): string =>
  'text' in freeze
    ? `cannot read the annotation ${freezeAnnotation} of ${keyOf(freeze.on)}: ${JSON.stringify(freeze.text)}`
    : `${keyOf(freeze.on)} has a freeze until ${freeze.to}${freeze.reason === '' ? '' : ` (${freeze.reason})`}`

const hintsOf = (freeze: Freeze | UnreadableFreeze): readonly string[] =>
  'text' in freeze
    ? [`Write it as ${freezeAnnotation}: "2026-12-24T00:00Z/2026-12-27T00:00Z reason".`]
    : ['abort and undo still work.']
