import type { RouteFilter } from '../../../../objects/gateway-api.ts'
import { fieldsOf, numberOf } from '../../../../objects/unchecked.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { filtersOf } from '../../resolve/routes.ts'
import { mirrorsIn } from '../record.ts'
import type { RoutedRule } from './routed-rules.ts'
import { hostOfBackend, servedHosts } from '../services/service-hosts.ts'

/** A mirror of a rule. */
export interface RuleMirror {
  readonly filter: RouteFilter
  /** Its place among the filters of the rule. */
  readonly index: number
  readonly host: string | undefined
  /** It leads to the service. */
  readonly isOwn: boolean
  /** It was set by a command. */
  readonly isOurs: boolean
  readonly percent: number
}

/** The mirrors of a rule. */
export function mirrorsOf(
  view: ClusterView,
  { route, rule, key }: Pick<RoutedRule, 'route' | 'rule' | 'key'>,
  service: RoutedService,
): readonly RuleMirror[] {
  const [hosts, ours] = [new Set(servedHosts(service)), mirrorsIn(route, service).get(key) ?? []]
  return filtersOf(rule).flatMap((filter, index): readonly RuleMirror[] => {
    const backend = filter.requestMirror?.backendRef
    if (filter.type !== 'RequestMirror' || backend === undefined) return []
    const host = hostOfBackend(view, route, fieldsOf(backend))
    const isOwn = host !== undefined && hosts.has(host)
    return [
      {
        filter,
        index,
        host,
        isOwn,
        isOurs: host !== undefined && ours.includes(host),
        percent: mirroredPercent(filter),
      },
    ]
  })
}

/**
 * What part of the requests a mirror gets, in percent: all where it says none
 * (https://gateway-api.sigs.k8s.io/reference/spec/#httprequestmirrorfilter).
 */
export function mirroredPercent({ requestMirror }: RouteFilter): number {
  const { percent, fraction } = fieldsOf(requestMirror)
  const { numerator, denominator } = fieldsOf(fraction)
  const part = numberOf(numerator)
  if (part !== undefined) return (part * 100) / (numberOf(denominator) ?? 100)
  return numberOf(percent) ?? 100
}
