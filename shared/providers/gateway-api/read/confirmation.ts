import type { KubeObject } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { Confirmation } from '../../../routing/provider.ts'
import { isRoute } from '../resolve/routes.ts'

/** The conditions by which a controller says that it carries a route out. */
const asked = ['Accepted', 'ResolvedRefs'] as const

/**
 * What the controllers of a route's parents say of it as it is written: each condition counts for the generation that it
 * has observed (https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus).
 */
export function confirmationOf(object: KubeObject): Confirmation {
  const parents = isRoute(object) ? itemsOf(fieldsOf(object.status)['parents']).map(fieldsOf) : []
  if (parents.length === 0) return { state: 'unknown' }
  const { generation } = object.metadata
  const conditions = parents.flatMap(({ conditions: said, controllerName }) =>
    itemsOf(said)
      .map(fieldsOf)
      .filter(({ type }) => asked.some(name => name === type))
      .map(condition => ({ ...condition, by: textOf(controllerName) ?? 'its controller' })),
  )
  const isCurrent = (condition: object): boolean =>
    generation === undefined
    || (numberOf(fieldsOf(condition)['observedGeneration']) ?? generation) >= generation
  const current = conditions.filter(isCurrent).map(condition => fieldsOf(condition))
  const refused = current.find(({ status }) => status === 'False')
  if (refused !== undefined)
    return {
      state: 'refused',
      by: textOf(refused['by']) ?? 'its controller',
      reason: [`${textOf(refused['type'])}=False`, textOf(refused['reason']), textOf(refused['message'])]
        .filter(text => text !== undefined)
        .join(': '),
    }
  return current.length === conditions.length && conditions.length > 0
    ? { state: 'confirmed' }
    : { state: 'pending' }
}
