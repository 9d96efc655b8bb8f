import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { mistyped } from '../../../objects/text/closest.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import { partsOf } from '../../../providers/apisix/resolve/parts.ts'
import { backendsOf, rulesOf } from '../../../providers/apisix/resolve/rules.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { namesIn } from '../names/meant.ts'
import { formatPath, type Violation } from '../../rule.ts'

/** The ApisixUpstreams that a route names and that are missing: the controller skips them as it does Services. */
export function* unknownUpstreams(
  view: ClusterView,
  route: ApisixRoute,
  complete: boolean,
): Generator<Violation> {
  const namespace = namespaceOf(route)
  for (const [i, rule] of rulesOf(route).entries()) {
    const parts = partsOf(view, route, { rule, complete: true })
    const first = backendsOf(rule).length
    const isAlone = parts.every(({ skipped }) => skipped !== undefined)
    for (const [j, upstream] of itemsOf(rule.upstreams).entries()) {
      const part = parts[first + j]
      if (part?.skipped !== 'UpstreamNotFound') continue
      const name = textOf(fieldsOf(upstream)['name']) ?? ''
      const meant = mistyped(name, namesIn(view, 'ApisixUpstream', namespace))
      const path = ['spec', 'http', i, 'upstreams', j, 'name']
      yield {
        path,
        message: `ApisixUpstream ${quotedName(`${namespace}/${name}`)} ${lackOf(complete)}${
          meant !== undefined ? `; did you mean ${meant}?` : complete ? lossOf(isAlone, part.weight) : ''
        }`,
        about: part.name,
        absent: 'other',
        fix:
          meant === undefined
            ? 'Create the ApisixUpstream, or correct its name.'
            : `Set ${formatPath(path)}: ${meant}`,
        tells: [{ kind: 'ApisixUpstream', namespace }],
        restsOn: [{ kind: 'ApisixUpstream', namespace, name }],
      }
    }
  }
}

const lackOf = (complete: boolean): string =>
  complete ? 'does not exist' : 'is not among the objects that were read'

function lossOf(isAlone: boolean, weight: number): string {
  if (isAlone) return ': all requests of the rule are answered with 503'
  return weight > 0 ? ': APISIX skips it, and the other backends get its share' : ''
}
