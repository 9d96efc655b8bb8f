import type { DestinationRule } from '../../../../objects/destination-rule.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { refuseOwned, type ServiceReading } from '../../../../routing/provider.ts'
import type { Change } from '../../../../view/change.ts'
import { ownedObject } from '../../read/owners.ts'
import { readService } from '../../read/reading.ts'
import { hostOf, listOf } from '../../read/routed-service.ts'
import { isTo } from '../../read/routes/carriers.ts'
import { destinationRulesByHost } from '../../resolve/indexes/routing.ts'
import { routingOf } from '../../resolve/objects/routes.ts'

/**
 * Takes the subsets of versions out of the service's own DestinationRules, but for those that any VirtualService
 * names, whether it is in force or not. Throws a CanaryError `refused` where a controller owns the rule.
 */
export function retire(
  { view, service, complete }: ServiceReading,
  names: readonly string[],
): readonly Change[] {
  const { versions } = readService(view, service, { complete })
  const leads = isTo(service)
  const named = new Set(
    view
      .list('VirtualService')
      .flatMap(object => routingOf(object).routes.flatMap(({ targets }) => targets))
      .filter(leads)
      .map(({ subset }) => subset),
  )
  const unused = new Set(
    versions
      .filter(({ name, subset }) => names.includes(name) && subset !== undefined && !named.has(subset.name))
      .map(({ subset }) => subset!.name),
  )
  return view
    .find(destinationRulesByHost, hostOf(service))
    .filter(rule => namespaceOf(rule) === service.namespace && hasAny(rule, unused))
    .map(before => {
      const owned = ownedObject(view, before)
      if (owned !== undefined) refuseOwned(owned)
      return { before, after: without(before, unused) }
    })
}

const hasAny = ({ spec }: DestinationRule, unused: ReadonlySet<string>): boolean =>
  listOf(spec.subsets).some(({ name }) => unused.has(name))

function without(rule: DestinationRule, unused: ReadonlySet<string>): DestinationRule {
  const { subsets, ...rest } = rule.spec
  const left = listOf(subsets).filter(({ name }) => !unused.has(name))
  return { ...rule, spec: left.length === 0 ? rest : { ...rest, subsets: left } }
}
