import { refOf } from '../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, textOf } from '../../objects/unchecked.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { rolloutsByRoute } from '../../workloads/workload-indexes.ts'
import { formatPath, type KindIn, type Path, type Violation } from '../rule.ts'

/** A list of backends that all have the weight 0. */
interface Unweighted {
  readonly path: Path
  /** The names of their Services, in their order. */
  readonly services: readonly (string | undefined)[]
}

/**
 * The weight to set where all are 0. A controller that writes the weights says which Service has the stable version: any
 * other would get all requests until the next step of its rollout.
 */
export function stableWeightFix(
  view: ClusterView,
  route: KubeObject,
  { path, services }: Unweighted,
): Pick<Violation, 'fix' | 'tells'> {
  const writer = writerOf(view, route)
  const at = Math.max(
    0,
    services.findIndex(name => name !== undefined && writer?.isStable(name)),
  )
  const setting = `Set ${formatPath([...path, at, 'weight'])}: 100`
  if (writer === undefined) return { fix: setting, tells: [] }
  const whose = writer.isStable(services[at] ?? '') ? `, for stable Service ${services[at]}` : ''
  return {
    fix: `${setting}${whose}. ${writesAgain(writer.owner)}`,
    tells: writer.tells,
  }
}

/** A fix of a weight, with who writes the weights of the route again. */
export function fixBeside(
  view: ClusterView,
  route: KubeObject,
  fix: string,
): Pick<Violation, 'fix' | 'tells'> {
  const writer = writerOf(view, route)
  return writer === undefined
    ? { fix, tells: [] }
    : { fix: `${fix.replace(/\.$/, '')}. ${writesAgain(writer.owner)}`, tells: writer.tells }
}

/** Why a weight that a person corrects does not stay. */
export const writesAgain = (owner: string): string =>
  `${owner} writes these weights again with its next step.`

interface WeightWriter {
  /** `Rollout shop/web` */
  readonly owner: string
  readonly isStable: (service: string) => boolean
  /** Who may not read these is not told. */
  readonly tells: readonly KindIn[]
}

/**
 * Who writes the weights of a route: a Canary of Flagger, which made it and calls the stable Service `NAME-primary`
 * (https://docs.flagger.app/usage/how-it-works#canary-service), or an Argo Rollout, which names both.
 */
function writerOf(view: ClusterView, route: KubeObject): WeightWriter | undefined {
  const owner = controllerOf(route)
  if (owner !== undefined)
    return {
      owner: `${owner.kind} ${namespaceOf(route)}/${owner.name}`,
      isStable: service => service.endsWith('-primary'),
      tells: [],
    }
  const [rollout] = view.find(rolloutsByRoute, keyOf(refOf(route)))
  if (rollout === undefined) return undefined
  const { canary } = fieldsOf(fieldsOf(rollout.spec)['strategy'])
  const stable = textOf(fieldsOf(canary)['stableService'])
  return {
    owner: keyOf(refOf(rollout)),
    isStable: service => service === stable,
    tells: [{ kind: 'Rollout', namespace: namespaceOf(rollout) }],
  }
}
