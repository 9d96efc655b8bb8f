import type { Service } from '../../../objects/core.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf } from '../../../objects/unchecked.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { lostTargetOf, unknownTargetRule } from '../../facts/backends/lost-target.ts'
import { aboutPart, placedParts, type PlacedPart } from '../../facts/backends/placed-parts.ts'
import type { Rule } from '../../rule.ts'

/** The rule for VirtualServices, for backends. */
export const apisixUnknownTargetPort: Rule<'ApisixRoute'> = {
  ...unknownTargetRule,
  subject: 'ApisixRoute',
  reads: ['Service', 'ApisixUpstream', ...backingKinds],
  needs: ['Service'],
  *check(view, route) {
    for (const part of placedParts(view, route)) {
      if (part.skipped !== undefined || !part.receives) continue
      const service = view.get({ kind: 'Service', namespace: namespaceOf(route), name: part.name })
      const lost = service && lostTargetOf(view, service, { port: portOfPart(service, part), labels: {} })
      if (lost !== undefined) yield { ...lost, path: [...part.place, 'servicePort'], about: aboutPart(part) }
    }
  },
}

/** A backend says the port of its Service by number or by name. */
const portOfPart = ({ spec }: Service, { backend: { servicePort } }: PlacedPart): number | undefined =>
  itemsOf(spec?.ports)
    .map(fieldsOf)
    .flatMap(({ port, name }) =>
      port === servicePort || name === servicePort ? (numberOf(port) ?? []) : [],
    )[0]
