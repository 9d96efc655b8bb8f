import { refOf, resources, type Kind } from '../../objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'

/** `Deployment catalog-v2`, or with its namespace where that is another one. */
export function nameIn(namespace: string, about: KubeObject | Ref): string {
  const ref = 'metadata' in about ? refOf(about) : about
  return ref.namespace === namespace || ref.namespace === '' ? `${ref.kind} ${ref.name}` : keyOf(ref)
}

/** `a, b and c`; of more than four the first three. */
export function listed(names: readonly string[]): string {
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`
}

/** As RBAC names a kind: `poddisruptionbudgets.policy`. */
export function resourceOf(kind: Kind): string {
  const { group, plural } = resources[kind]
  return group === '' ? plural : `${plural}.${group}`
}
