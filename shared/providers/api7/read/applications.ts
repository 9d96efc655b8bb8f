import type { Service } from '../../../objects/core.ts'
import { serviceHost, serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView, Index } from '../../../view/cluster-view.ts'
import { applicationAt, applicationMeantBy, type Grouping } from '../../../workloads/applications.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import type { ShownGroup } from '../../../workloads/version-groups.ts'
import { serviceOf, siblingsOf } from '../../../workloads/version-services.ts'
import { publishedOf } from '../resolve/published.ts'

/** The Services that the controller knows, by their namespaces. */
const byNamespace: Index<'Service'> = {
  kind: 'Service',
  keysOf: service => (publishedOf(service) === undefined ? [] : [namespaceOf(service)]),
}

/** The Services of a namespace that the controller knows; of all with `*`. */
export const publishedIn = (view: ClusterView, namespace: string): readonly Service[] =>
  namespace === '*'
    ? view.list('Service').filter(service => publishedOf(service) !== undefined)
    : view.find(byNamespace, namespace)

/** The end of a name that says a version: `v2`, `1.2.0`. */
const versionEnd = /^v?\d[\w.-]*$/

/**
 * Which Services are versions of one application: those that are published under one name, those named for it
 * (`error-page-v2` of `error-page`), and their siblings by name and labels.
 */
const byAnnotations: Grouping = {
  groupsAt: (view, host) => {
    const named = serviceOfHost(host, view.mesh.clusterDomain)
    if (named === undefined) return []
    const published = publishedIn(view, named.namespace)
    return [...Map.groupBy(published, service => publishedOf(service)!.application)]
      .filter(([application]) => application !== '')
      .flatMap(([application, services]) => groupOf(view, application, services))
  },
  hostsIn: (view, namespace) => publishedIn(view, namespace).map(service => hostIn(view, service)),
  hostsNamed: (view, { name, namespace }) =>
    publishedIn(view, namespace)
      .filter(service => publishedOf(service)!.application === name)
      .map(service => hostIn(view, service)),
}

const hostIn = ({ mesh }: ClusterView, service: Service): string =>
  serviceHost(service.metadata.name, namespaceOf(service), mesh.clusterDomain)

function groupOf(
  view: ClusterView,
  application: string,
  services: readonly Service[],
): readonly ShownGroup[] {
  const [object] = services
  if (object === undefined) return []
  const namespace = namespaceOf(object)
  const hosts = services.map(service => hostIn(view, service))
  const named = view
    .list('Service', namespace)
    .filter(
      ({ metadata: { name } }) =>
        name.startsWith(`${application}-`) && versionEnd.test(name.slice(application.length + 1)),
    )
    .filter(service => ['', application].includes(publishedOf(service)?.application ?? ''))
    .map(service => hostIn(view, service))
  const siblings = hosts.flatMap(host => siblingsOf(view, host))
  // A name with dots is a host that clients ask for, and no name of a Service.
  const apex = application.includes('.')
    ? undefined
    : serviceHost(application, namespace, view.mesh.clusterDomain)
  return [{ hosts: [...new Set([...hosts, ...named, ...siblings])], apex, object }]
}

/** The service that a person means by a name: see {@link applicationMeantBy}. */
export const serviceMeantBy = (view: ClusterView, said: RoutedService): RoutedService =>
  applicationMeantBy(view, said, byAnnotations)

/** The services of a namespace: its Services, those that are versions of one application as one. */
export function servicesIn(view: ClusterView, namespace: string): readonly RoutedService[] {
  const found = view
    .list('Service', namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(({ metadata: { name } }) => name)
    .toSorted()
    .map(name => serviceMeantBy(view, { name, namespace, clusterDomain: view.mesh.clusterDomain }))
  return [...new Map(found.map(service => [service.name, service])).values()]
}

/** The services that are published, in one namespace, or with `*` in all. */
export function routedServices(
  view: ClusterView,
  namespace: string,
  _completeness: Completeness,
): readonly RoutedService[] {
  const found = publishedIn(view, namespace)
    .filter(service => publishedOf(service)!.application !== '')
    .map(
      service =>
        applicationAt(view, hostIn(view, service), byAnnotations) ?? {
          name: service.metadata.name,
          namespace: namespaceOf(service),
          clusterDomain: view.mesh.clusterDomain,
        },
    )
  return [...new Map(found.map(service => [`${service.namespace}/${service.name}`, service])).values()]
}

/** Whether a Service of the service is published. */
export function isRouted(view: ClusterView, said: RoutedService): boolean {
  if (said.host !== undefined || publishedIn(view, said.namespace).length === 0) return false
  return servedHostsOf(serviceMeantBy(view, said)).some(host => {
    const service = serviceOf(view, host)
    return service !== undefined && (publishedOf(service)?.application ?? '') !== ''
  })
}
