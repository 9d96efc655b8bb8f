import type { DestinationRule } from '../../../../objects/destination-rule.ts'
import { refOf } from '../../../../objects/kinds.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { refuseOwned, type RetiredVersions, type ServiceReading } from '../../../../routing/provider.ts'
import { ownedObject } from '../../read/owners.ts'
import { readService } from '../../read/reading.ts'
import { hostOf, listOf } from '../../read/routed-service.ts'
import { isTo } from '../../read/routes/carriers.ts'
import { destinationRulesByHost } from '../../resolve/indexes/routing.ts'
import { routingOf } from '../../resolve/objects/routes.ts'

/**
 * Takes the subsets of versions out of the service's own DestinationRules, except for those that any VirtualService
 * names, whether it is in effect or not: these are reported. Throws a CanaryError `refused` where a controller owns the rule.
 */
export function retire(
  { view, service, complete }: ServiceReading,
  names: readonly string[],
): RetiredVersions {
  const { versions } = readService(view, service, { complete })
  const leads = isTo(service)
  const retiring = versions.filter(
    ({ name, subset, host }) => names.includes(name) && subset !== undefined && host === undefined,
  )
  const named = retiring.flatMap(({ name, subset }) => {
    const routes = view
      .list('VirtualService')
      .filter(object =>
        routingOf(object)
          .routes.flatMap(({ targets }) => targets)
          .some(target => leads(target) && target.subset === subset!.name),
      )
      .map(refOf)
    return routes.length === 0 ? [] : [{ version: name, routes }]
  })
  const unused = new Set(
    retiring
      .filter(({ name }) => !named.some(({ version }) => version === name))
      .map(({ subset }) => subset!.name),
  )
  const changes = view
    .find(destinationRulesByHost, hostOf(service))
    .filter(rule => namespaceOf(rule) === service.namespace && hasAny(rule, unused))
    .map(before => {
      const owned = ownedObject(view, before, service)
      if (owned !== undefined) refuseOwned(owned)
      return { before, after: without(before, unused) }
    })
  return { changes, named }
}

const hasAny = ({ spec }: DestinationRule, unused: ReadonlySet<string>): boolean =>
  listOf(spec.subsets).some(({ name }) => unused.has(name))

function without(rule: DestinationRule, unused: ReadonlySet<string>): DestinationRule {
  const { subsets, ...rest } = rule.spec
  const left = listOf(subsets).filter(({ name }) => !unused.has(name))
  return { ...rule, spec: left.length === 0 ? rest : { ...rest, subsets: left } }
}
