import { refOf } from '../../../objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../../objects/kube-object.ts'
import { backingsBehind } from '../resolve/endpoints.ts'
import { destinationRulesByHost } from '../resolve/indexes/routing.ts'
import { misspellingsOf } from '../resolve/objects/host-meant.ts'
import { providersAt } from '../resolve/registry.ts'
import type { IstioReading } from './reading.ts'
import { servedHosts } from './routed-service.ts'

/**
 * The objects on which a Service's traffic rests: its VirtualServices and those that delegate to them, also those that
 * probably mean it, the DestinationRules for its host, the Service, its workloads.
 */
export function subjectsOf({
  view,
  service,
  carriers,
  wildcardCarriers,
  callers,
}: IstioReading): readonly Ref[] {
  const hosts = servedHosts(service)
  const providers = hosts.flatMap(host => providersAt(view, host))
  const objects: readonly KubeObject[] = [
    ...[...carriers, ...wildcardCarriers].flatMap(({ object, entries }) => [
      object,
      ...entries.map(({ root }) => root),
    ]),
    ...hosts.flatMap(host => misspellingsOf(view, host)).map(({ route }) => route),
    ...callers.flatMap(({ rule }) => rule?.from ?? []),
    ...hosts.flatMap(host => view.find(destinationRulesByHost, host)),
    ...providers.flatMap(provider =>
      (backingsBehind(view, provider) ?? []).flatMap(({ object }) => object ?? []),
    ),
  ]
  const refs = [...objects.map(refOf), ...providers.map(({ ref }) => ref)]
  return [...new Map(refs.map(ref => [keyOf(ref), ref])).values()]
}
