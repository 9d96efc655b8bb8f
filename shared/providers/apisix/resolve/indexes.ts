import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import type { ClusterView, Index } from '../../../view/cluster-view.ts'
import { configOf } from './own-split.ts'
import { backendsOf, classOf, rulesOf, streamRulesOf } from './rules.ts'

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

const byStreamBackend: Index<'ApisixRoute'> = {
  kind: 'ApisixRoute',
  keysOf: route => [
    ...new Set(
      streamRulesOf(route).map(
        ({ backend }) => `${namespaceOf(route)}/${textOf(fieldsOf(backend)['serviceName']) ?? ''}`,
      ),
    ),
  ],
}

/** The routes that send connections of TCP or UDP to a Service, `namespace/name`; those being deleted left out. */
export const streamRoutesTo = (view: ClusterView, service: string): readonly ApisixRoute[] =>
  view.find(byStreamBackend, service).filter(({ metadata }) => metadata.deletionTimestamp === undefined)

/** All routes but those being deleted, of one namespace or of all. */
export const allRoutes = (view: ClusterView, namespace?: string): readonly ApisixRoute[] =>
  view.list('ApisixRoute', namespace).filter(({ metadata }) => metadata.deletionTimestamp === undefined)

const byConfig: Index<'ApisixRoute'> = {
  kind: 'ApisixRoute',
  keysOf: route => [
    ...new Set(
      rulesOf(route).flatMap(rule => {
        const named = configOf(route, rule)
        return named === undefined ? [] : [`${named.namespace}/${named.name}`]
      }),
    ),
  ],
}

/** The routes with a rule that names a plugin config, `namespace/name`. */
export const routesByConfig = (view: ClusterView, config: string): readonly ApisixRoute[] =>
  view.find(byConfig, config)

const byUpstream: Index<'ApisixRoute'> = {
  kind: 'ApisixRoute',
  keysOf: route => [
    ...new Set(
      rulesOf(route)
        .flatMap(({ upstreams }) => itemsOf(upstreams).map(fieldsOf))
        .map(({ name }) => `${namespaceOf(route)}/${textOf(name) ?? ''}`),
    ),
  ],
}

/** The routes with a rule that sends requests to an ApisixUpstream, `namespace/name`. */
export const routesByUpstream = (view: ClusterView, upstream: string): readonly ApisixRoute[] =>
  view.find(byUpstream, upstream)

const pathsOf = (route: ApisixRoute): readonly string[] => [
  ...new Set(rulesOf(route).flatMap(({ match }) => textsOf(fieldsOf(match)['paths']))),
]

const byPath: Index<'ApisixRoute'> = {
  kind: 'ApisixRoute',
  keysOf: route => pathsOf(route).map(path => `${classOf(route)} ${path}`),
}

/** The routes that share a path, as it is written, and the ingress class with one, itself among them. */
export const routesBeside = (view: ClusterView, route: ApisixRoute): readonly ApisixRoute[] =>
  pathsOf(route).flatMap(path => view.find(byPath, `${classOf(route)} ${path}`))
