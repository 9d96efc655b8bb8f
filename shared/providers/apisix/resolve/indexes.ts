import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { textOf } from '../../../objects/unchecked.ts'
import type { ClusterView, Index } from '../../../view/cluster-view.ts'
import { backendsOf, rulesOf } from './rules.ts'

const byBackend: Index<'ApisixRoute'> = {
  kind: 'ApisixRoute',
  keysOf: route => [
    ...new Set(
      rulesOf(route)
        .flatMap(backendsOf)
        .map(({ serviceName }) => `${namespaceOf(route)}/${textOf(serviceName) ?? ''}`),
    ),
  ],
}

/** The routes that send requests to a Service, `namespace/name`; those being deleted left out. */
export const routesToBackend = (view: ClusterView, service: string): readonly ApisixRoute[] =>
  view.find(byBackend, service).filter(({ metadata }) => metadata.deletionTimestamp === undefined)

/** All routes but those being deleted, of one namespace or of all. */
export const allRoutes = (view: ClusterView, namespace?: string): readonly ApisixRoute[] =>
  view.list('ApisixRoute', namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
