import type { Service } from '../../../objects/core.ts'
import { compareNaturally } from '../../../objects/text/natural-order.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession, once } from '../../../view/session.ts'
import { hostedVersions, servedHostsOf, type HostedVersion } from '../../../workloads/service-versions.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { publishedOf, type PublishedService } from '../resolve/published.ts'
import { serviceMeantBy } from './applications.ts'

/** A version whose Service the controller knows. */
export interface PublishedVersion extends PublishedService {
  readonly version: HostedVersion
  readonly object: Service
}

/** A service as its annotations have it. */
export interface Api7Reading extends Completeness {
  readonly view: ClusterView
  readonly service: RoutedService
  readonly versions: readonly HostedVersion[]
  readonly seesWorkloads: boolean
  /** What of it is published, or marked as a canary. */
  readonly published: readonly PublishedVersion[]
  /** The name of the application; undefined where none is published. */
  readonly application: string | undefined
  /** What takes the requests that no canary gets; undefined where nobody can tell which does. */
  readonly stable: PublishedVersion | undefined
  /** What gets a part of the requests now. */
  readonly canaries: readonly PublishedVersion[]
}

/** Reads a service; what is derived is derived once per session. */
export function readService(
  given: ClusterView,
  said: RoutedService,
  { complete }: Completeness,
): Api7Reading {
  const view = inSession(given)
  const service = serviceMeantBy(view, said)
  return once(view, [readService, `${servedHostsOf(service).join(' ')} ${complete}`], () => {
    const versions = versionsOf(view, service)
    const published = versions.flatMap((version): readonly PublishedVersion[] => {
      const object = version.host === undefined ? undefined : serviceOf(view, version.host)
      const found = object === undefined ? undefined : publishedOf(object)
      return found === undefined ? [] : [{ ...found, version, object: object! }]
    })
    const inState = (state: PublishedVersion['state']): readonly PublishedVersion[] =>
      published.filter(each => each.state === state)
    const finished = inState('finished')
    const candidates = finished.length > 0 ? finished : inState('published')
    return {
      view,
      service,
      complete,
      versions,
      seesWorkloads: !backingKinds.some(kind => view.unread.has(kind)),
      published,
      application: published.find(({ application }) => application !== '')?.application,
      stable: candidates.length === 1 ? candidates[0] : undefined,
      canaries: inState('canary'),
    }
  })
}

/** The versions of a service. One without a label is called by the end of its name: `v2` of `error-page-v2`. */
function versionsOf(view: ClusterView, service: RoutedService): readonly HostedVersion[] {
  const found = hostedVersions(view, service, new Set(servedHostsOf(service)))
  const prefix = `${service.name}-`
  const names = new Set(found.map(({ name }) => name))
  return found
    .map(version => {
      const { name } = version
      const end = name === version.service?.name && name.startsWith(prefix) ? name.slice(prefix.length) : ''
      return end === '' || names.has(end) ? version : { ...version, name: end }
    })
    .toSorted((a, b) => compareNaturally(a.name, b.name))
}
