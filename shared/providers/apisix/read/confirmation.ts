import type { KubeObject } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { Confirmation } from '../../../routing/provider.ts'
import { isApisixRoute } from '../resolve/rules.ts'

/** What the ingress controller says of a route: since 2.0 `Accepted`, before `ResourcesAvailable`. */
const asked: readonly unknown[] = ['Accepted', 'ResourcesAvailable']

/** What the ingress controller says of a route as it is written; it counts for the generation that it has observed. */
export function confirmationOf(object: KubeObject): Confirmation {
  const conditions = isApisixRoute(object)
    ? itemsOf(fieldsOf(object.status)['conditions'])
        .map(fieldsOf)
        .filter(({ type }) => asked.includes(type))
    : []
  if (conditions.length === 0) return { state: 'unknown' }
  const { generation = 0 } = object.metadata
  const current = conditions.filter(
    ({ observedGeneration }) => (numberOf(observedGeneration) ?? generation) >= generation,
  )
  const refused = current.find(({ status }) => status === 'False')
  if (refused !== undefined)
    return {
      state: 'refused',
      by: 'the APISIX ingress controller',
      reason: [`${textOf(refused['type'])}=False`, textOf(refused['reason']), textOf(refused['message'])]
        .filter(text => text !== undefined)
        .join(': '),
    }
  return { state: current.length === conditions.length ? 'confirmed' : 'pending' }
}
