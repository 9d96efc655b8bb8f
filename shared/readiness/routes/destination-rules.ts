import { namespaceOf } from '../../objects/kube-object.ts'
import { serviceHost } from '../../objects/hosts.ts'
import { callerRulesOf } from '../../providers/istio/read/versions.ts'
import { formatClient } from '../../providers/istio/resolve/clients.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { listed } from '../facts/names.ts'

/** A client applies one DestinationRule; what another one says about the host does not apply to it. */
export const destinationRules: ServiceCheck = {
  id: 'destination-rules',
  summary: 'All callers apply a DestinationRule that has the subsets of the routes.',
  fix: 'Put the subsets into one DestinationRule that is exported to all callers.',
  needs: routingNeeds,
  states: ['warn'],
  ofMesh: true,
  *check(subject) {
    const { view, service, reading, services } = subject
    yield* foundByRules(subject, 'destination-rules')
    if (services.length === 0 && service.host === undefined) return
    const callers = callerRulesOf(view, service, reading)
    const groups = Map.groupBy(callers, ({ rule }) => nameOf(rule, service.namespace))
    const host = service.host ?? serviceHost(service.name, service.namespace, service.clusterDomain)
    const names = [...groups.keys()]
    yield {
      state: 'pass',
      message:
        groups.size < 2
          ? names[0] === undefined || names[0] === none
            ? `no DestinationRule for ${host}`
            : `all callers apply ${names[0]}`
          : [...groups]
              .map(([name, found]) => {
                const clients = [...new Set(found.map(({ client }) => formatClient(client)))]
                return `${name} for callers in ${listed(clients)}`
              })
              .join('; '),
    }
  },
}

const none = 'no DestinationRule'

function nameOf(rule: MergedRule | undefined, own: string): string {
  if (rule === undefined) return none
  const names = rule.from.map(object =>
    namespaceOf(object) === own ? object.metadata.name : `${namespaceOf(object)}/${object.metadata.name}`,
  )
  return `${names.length === 1 ? 'DestinationRule' : 'the merged DestinationRules'} ${listed(names)}`
}
