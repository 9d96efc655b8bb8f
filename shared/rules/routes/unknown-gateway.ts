import { firstPlaces } from '../../objects/first-places.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { bindingsOf } from '../../providers/istio/resolve/gateways.ts'
import type { Rule } from '../rule.ts'

/** A route that no gateway takes up is not installed anywhere. */
export const unknownGateway: Rule<'VirtualService'> = {
  id: 'unknown-gateway',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A gateway of a VirtualService exists and has a server for one of its hosts.',
  fix: 'Create the Gateway, write its name with its namespace (`namespace/name`), or add the host to one of its servers.',
  subject: 'VirtualService',
  reads: ['Gateway'],
  *check(view, subject, { complete }) {
    if (routingOf(subject).hosts.length === 0) return
    const places = firstPlaces(routingOf(subject).gateways)
    for (const { name, gateway, servers } of bindingsOf(view, subject)) {
      // A namespace other than the routes' is as a rule another file's.
      if (servers.length > 0 || (gateway === undefined && !complete)) continue
      const said =
        gateway === undefined
          ? `Gateway ${name} does not exist`
          : `no server of Gateway ${name} has a host of this VirtualService`
      const i = places.get(name)!
      yield {
        path: ['spec', 'gateways', i],
        message: `${said}: the routes are not installed on it`,
        about: name,
        absent: 'other',
        restsOn: [refOfGateway(name)],
      }
    }
  },
}

const refOfGateway = (name: string) => ({
  kind: 'Gateway' as const,
  namespace: name.slice(0, name.indexOf('/')),
  name: name.slice(name.indexOf('/') + 1),
})
