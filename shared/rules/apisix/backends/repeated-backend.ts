import type { ApisixBackend } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { firstPlaces } from '../../../objects/text/first-places.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { backendsOf, rulesOf, weightOf } from '../../../providers/apisix/resolve/rules.ts'
import { formatPath, type Path, type Rule } from '../../rule.ts'

/**
 * The controller refuses the whole route since 2.0 (internal/controller/apisixroute_controller.go, validateBackends:
 * `duplicate backend service`). Before, subsets of an ApisixUpstream told such backends apart, so with them it is a warning.
 */
export const repeatedBackend: Rule<'ApisixRoute'> = {
  id: 'repeated-backend',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'A rule of an ApisixRoute names each Service in one backend.',
  fix: 'Merge the backends into one, or give each version a Service of its own and name these as backends without a subset.',
  subject: 'ApisixRoute',
  reads: [],
  *check(_view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      const backends = backendsOf(rule)
      const first = firstPlaces(backends.map(({ serviceName }) => textOf(serviceName)))
      for (const [j, backend] of backends.entries()) {
        const at = textOf(backend.serviceName) === undefined ? j : first.get(textOf(backend.serviceName))!
        if (at === j) continue
        const path = ['spec', 'http', i, 'backends']
        const isOfSubset = backends.some(({ subset }) => textOf(subset) !== undefined)
        yield {
          path: [...path, j, 'serviceName'],
          message: `Service ${quotedName(`${namespaceOf(route)}/${backend.serviceName}`)} is also backend ${at + 1} of the rule: the ingress controller refuses the whole route since 2.0`,
          about: `${backend.serviceName} ${backend.servicePort ?? ''}`,
          ...(isOfSubset ? { severity: { webhook: 'warning', lint: 'warning' } } : {}),
          ...fixOf(path, { at, j, backends }),
        }
      }
    }
  },
}

interface Repeated {
  readonly at: number
  readonly j: number
  readonly backends: readonly ApisixBackend[]
}

/** Backends that are the same except for their weights are one with the sum of these. */
function fixOf(path: Path, { at, j, backends }: Repeated): { readonly fix?: string } {
  const [one, other] = [backends[at]!, backends[j]!]
  const isSame = (['servicePort', 'subset', 'resolveGranularity'] as const).every(
    key => one[key] === other[key],
  )
  return isSame
    ? {
        fix: `Remove ${formatPath([...path, j])} and set ${formatPath([...path, at, 'weight'])}: ${weightOf(one) + weightOf(other)}.`,
      }
    : {}
}
