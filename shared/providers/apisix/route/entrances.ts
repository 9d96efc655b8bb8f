import type { GatewayEntrance } from '../../../routing/request/request-routing.ts'
import type { RequestCaller } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { hostWithoutPort } from '../../../workloads/asked-service.ts'
import { allRoutes } from '../resolve/indexes.ts'
import { classOf } from '../resolve/rules.ts'
import { entriesOf, triedFor } from '../resolve/table.ts'

/** What an APISIX is called whose routes name no ingress class. */
const unnamed = 'apisix'

/** Says of a caller that it is the APISIX of an ingress class. */
const classLabel = 'apisix.apache.org/ingress-class'

/** The ingress class of the APISIX that asks; undefined for another proxy. */
export const classOfCaller = ({ kind, labels }: RequestCaller): string | undefined =>
  kind === 'gateway' ? labels[classLabel] : undefined

/** The APISIX of each ingress class that a route names; no object of the cluster is one. */
const entrances = (
  view: ClusterView,
): readonly { readonly of: string; readonly entrance: GatewayEntrance }[] =>
  [...new Set(allRoutes(view).map(classOf))].toSorted().map(of => ({
    of,
    entrance: {
      name: `ingress-class/${of === '' ? unnamed : of}`,
      proxies: [{ kind: 'gateway', namespace: '', labels: { [classLabel]: of } }],
      ports: [
        { number: 80, tls: false },
        { number: 443, tls: true },
      ],
    },
  }))

/** The APISIX that answer for a host: by a route that names it, or that is for every host. */
export const gatewaysFor = (view: ClusterView, host: string): readonly GatewayEntrance[] =>
  entrances(view)
    .filter(
      ({ of }) => triedFor(entriesOf(view, of), hostWithoutPort(host), { router: 'path-first' }).length > 0,
    )
    .map(({ entrance }) => entrance)

/** The APISIX of an ingress class: `ingress-class/NAME`, or `NAME` in any namespace. */
export const gatewayNamed = (view: ClusterView, name: string): GatewayEntrance | undefined =>
  entrances(view).find(
    ({ entrance }) => entrance.name === `ingress-class/${name.slice(name.indexOf('/') + 1)}`,
  )?.entrance
