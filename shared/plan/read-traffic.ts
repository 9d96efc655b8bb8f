import { namespaceOf } from '../objects/kube-object.ts'
import { carriersOf } from '../providers/istio/read/routes/carriers.ts'
import { readService, type ServiceReading } from '../providers/istio/read/reading.ts'
import type { RoutedService } from '../providers/istio/read/routed-service.ts'
import { trafficOf } from '../providers/istio/read/traffic.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import type { Target } from './intent.ts'
import { completenessOf, findService, servicesIn } from './target/services.ts'

/** The services of one namespace, or with `*` of all. */
export type Looked =
  Target | { readonly service?: undefined; readonly namespace: '*'; readonly live?: boolean }

/** The services that a status or a list of cohorts is about, each as the mesh reads it. */
export function readTarget(view: ClusterView, target: Looked): readonly ServiceReading[] {
  const session = inSession(view)
  return servicesOf(session, target).map(service => readService(session, service, completenessOf(target)))
}

/** Who gets what of these services. */
export const readTraffic = (view: ClusterView, target: Looked): readonly Traffic[] =>
  readTarget(view, target).map(trafficOf)

/** The services that a target is about: the one that it names, else every routed service of the namespace. */
function servicesOf(view: ClusterView, target: Looked): readonly RoutedService[] {
  if (target.service !== undefined) return [findService(view, target, { routed: false })]
  const namespaces = target.namespace === '*' ? namespacesIn(view) : [target.namespace]
  const found = namespaces
    .flatMap(namespace => servicesIn(view, namespace))
    .map(service => ({ service, carriers: carriersOf(view, service, completenessOf(target)) }))
    .filter(({ carriers }) => carriers.length > 0)
  // The primary and canary Services of a rollout controller are shown with the Service whose host the route
  // is for.
  const elsewhere = new Set(
    found.flatMap(({ carriers }) => carriers.flatMap(each => (each.leadsElsewhere ? [each.object] : []))),
  )
  return found
    .filter(({ carriers }) => carriers.some(each => each.leadsElsewhere || !elsewhere.has(each.object)))
    .map(({ service }) => service)
}

const namespacesIn = (view: ClusterView): readonly string[] =>
  [
    ...new Set(
      [
        ...view.list('Service'),
        ...view.list('ServiceEntry'),
        ...view.list('VirtualService'),
        ...view.list('DestinationRule'),
      ].map(namespaceOf),
    ),
  ].toSorted()
