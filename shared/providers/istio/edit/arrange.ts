import type { DestinationRule, Subset } from '../../../objects/destination-rule.ts'
import { isKind } from '../../../objects/kinds.ts'
import type { KubeObject } from '../../../objects/kube-object.ts'
import { podTemplatesOf } from '../../../objects/pod-templates.ts'
import { fieldsOf, itemsOf, numberOf } from '../../../objects/unchecked.ts'
import type { PlanStep } from '../../../routing/provider.ts'
import type { Change } from '../../../view/change.ts'

/**
 * Orders changes so that at no time a route names a subset that is not there, or one whose pods are gone: subsets and
 * pods are added, then routes are changed, then subsets and pods are removed. A DestinationRule that gets some and loses others is written twice.
 */
export function arrange(changes: readonly Change[]): readonly PlanStep[] {
  const routes = changes.filter(isOfRoutes)
  const rules = changes.filter(change => !isOfRoutes(change)).map(phasesOf)
  const adding = rules.flatMap(({ first }) => first ?? [])
  const removing = rules.flatMap(({ last }) => last ?? [])
  return [
    ...adding.map(change => ({ change })),
    ...routes.map((change, i): PlanStep =>
      i === 0 && adding.some(change => addsSubsets(change) || addsPods(change))
        ? { change, waits: 'served' }
        : { change },
    ),
    ...removing.map((change, i): PlanStep =>
      i === 0 && routes.length > 0 ? { change, waits: 'drained' } : { change },
    ),
  ]
}

const isOfRoutes = ({ before, after }: Change): boolean => isKind('VirtualService', (after ?? before)!)

/** What of a change comes before the routes and what after them. */
interface Phases {
  readonly first?: Change
  readonly last?: Change
}

function phasesOf(change: Change): Phases {
  const { before, after } = change
  if (before === undefined || after === undefined)
    return before === undefined ? { first: change } : { last: change }
  if (!isKind('DestinationRule', before) || !isKind('DestinationRule', after))
    return replicasOf(after) < replicasOf(before) ? { last: change } : { first: change }
  const lost = subsetsOf(before).filter(subset => !hasSubset(after, subset))
  if (lost.length === 0) return { first: change }
  const between = { ...after, spec: { ...after.spec, subsets: [...subsetsOf(after), ...lost] } }
  const addsNothing = subsetsOf(after).every(subset => hasSubset(before, subset))
  return addsNothing
    ? { last: change }
    : { first: { before, after: between }, last: { before: between, after } }
}

const addsPods = ({ before, after }: Change): boolean =>
  after !== undefined && replicasOf(after) > (before === undefined ? 0 : replicasOf(before))

/** The pods that a workload asks for; none for an object of another kind. */
function replicasOf(object: KubeObject): number {
  if (podTemplatesOf(object).length === 0) return 0
  return numberOf(fieldsOf(Reflect.get(object, 'spec'))['replicas']) ?? 1
}

const addsSubsets = ({ before, after }: Change): boolean =>
  after !== undefined
  && subsetsOf(after as DestinationRule).some(
    subset => before === undefined || !hasSubset(before as DestinationRule, subset),
  )

const subsetsOf = ({ spec }: DestinationRule): readonly Subset[] =>
  itemsOf(fieldsOf(spec)['subsets']) as readonly Subset[]

const hasSubset = (rule: DestinationRule, { name }: Subset): boolean =>
  subsetsOf(rule).some(subset => subset.name === name)
