import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ConfigMap } from '../../../shared/objects/core.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { namespaceOf } from '../../../shared/objects/kube-object.ts'
import type { EditPurpose, Provider, ServiceEdit, ServiceReading } from '../../../shared/routing/provider.ts'
import type { RoutedService, ServiceVersion } from '../../../shared/routing/service.ts'
import type { EntryPoint } from '../../../shared/routing/traffic.ts'
import type { Wanted, WantedCohort, WantedMirror } from '../../../shared/routing/wanted.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { inSession } from '../../../shared/view/session.ts'

/**
 * A routing API that does not exist: a ConfigMap with the label `routes: SERVICE` says in `data` which version
 * of a Service gets how many percent, which cohort goes where, and which versions are mirrored to. The versions are the `version` labels of the
 * Deployments whose label `app` is the Service's name.
 */
export const madeUp: Provider = {
  name: 'made-up',
  reads: ['ConfigMap', 'Service', 'Deployment'],
  routes: ['ConfigMap'],
  names: ['ConfigMap', 'Service', 'Deployment'],
  gateways: () => [],
  can: { cohorts: true, weights: true, mirrors: true, init: true, sticky: true, previews: true },
  services: (view, namespace) =>
    view.list('Service', namespace).map(({ metadata: { name } }) => serviceOf(view, namespace, name)),
  routedServices: (view, namespace) =>
    view
      .list('ConfigMap', namespace === '*' ? undefined : namespace)
      .filter(isRoute)
      .map(route => serviceOf(view, namespaceOf(route), route.metadata.labels!['routes']!)),
  isRouted: (view, service) => routeOf(view, service) !== undefined,
  external: () => undefined,
  externalHosts: () => [],
  serviceMeantBy: (_, said) => said,
  read,
  cohorts: (view, namespace) =>
    view
      .list('ConfigMap', namespace === '*' ? undefined : namespace)
      .filter(isRoute)
      .flatMap(route =>
        dataOf(route).cohorts.map(cohort => ({
          ...cohort,
          service: route.metadata.labels!['routes']!,
          routed: serviceOf(view, namespaceOf(route), route.metadata.labels!['routes']!),
          object: refOf(route),
          routes: [],
          lost: [],
        })),
      ),
  owned: () => [],
  editable: (reading, purpose) => {
    const route = requireRoute(reading, purpose)
    const { stable, split, mirrors } = dataOf(route)
    const taking = split.filter(({ percent }) => percent > 0).map(({ version }) => version)
    return {
      stable: stable === undefined ? [] : [stable],
      taking,
      takesAny: false,
      routes: [],
      mirrors: mirrors.map(({ to }) => ({
        object: refOf(route),
        place: 'data.mirrors',
        to,
        isOurs: true,
        wasByHand: false,
      })),
      leftOut: [],
    }
  },
  edit,
  requireProvided: () => undefined,
  start: ({ service: { name, namespace } }, { stable }) => ({
    changes: [
      {
        after: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `${name}-routes`, namespace, labels: { routes: name } },
          data: { split: `${stable}=100` },
        } as ConfigMap,
      },
    ],
    notes: [],
  }),
  retire: () => ({ changes: [], named: [] }),
  arrange: changes => changes.map(change => ({ change })),
  requireAnswered: () => undefined,
  route: () => {
    throw new CanaryError('failed', 'made-up routes carry no requests')
  },
  gatewaysFor: () => [],
  gatewayNamed: () => undefined,
  meantBy: () => undefined,
  named: (_, { host }) => ({ service: host, namespace: '', version: undefined }),
  follows: () => 'unknown',
}

interface RouteData {
  readonly stable?: string
  readonly split: readonly { readonly version: string; readonly percent: number }[]
  readonly cohorts: readonly WantedCohort[]
  readonly mirrors: readonly WantedMirror[]
}

const isRoute = ({ metadata }: ConfigMap): boolean => metadata.labels?.['routes'] !== undefined

const serviceOf = (
  { mesh: { clusterDomain } }: ClusterView,
  namespace: string,
  name: string,
): RoutedService => ({
  name,
  namespace,
  clusterDomain,
})

const routeOf = (view: ClusterView, { name, namespace }: RoutedService): ConfigMap | undefined =>
  view.list('ConfigMap', namespace).find(({ metadata }) => metadata.labels?.['routes'] === name)

function dataOf({ data = {} }: ConfigMap): RouteData {
  const { stable, split = '', cohorts = '[]', mirrors = '[]' } = data
  return {
    ...(stable !== undefined && { stable }),
    split: split.split(',').map(part => {
      const [version = '', percent] = part.split('=')
      return { version, percent: Number(percent) }
    }),
    cohorts: JSON.parse(cohorts) as readonly WantedCohort[],
    mirrors: JSON.parse(mirrors) as readonly WantedMirror[],
  }
}

function requireRoute({ view, service }: ServiceReading, { inits }: EditPurpose): ConfigMap {
  const route = routeOf(view, service)
  if (route !== undefined) return route
  throw new CanaryError('not-found', `no made-up route for ${service.name}`, { hints: inits })
}

function read(
  given: ClusterView,
  service: RoutedService,
  { complete }: { readonly complete: boolean },
): ServiceReading {
  const view = inSession(given)
  const versions = view
    .list('Deployment', service.namespace)
    .filter(({ metadata }) => metadata.labels?.['app'] === service.name)
    .map(({ metadata: { name, labels } }): ServiceVersion => ({
      name: labels?.['version'] ?? name,
      workloads: [{ kind: 'Deployment', name, ready: 1, wanted: 1 }],
    }))
  const route = routeOf(view, service)
  const data = route === undefined ? undefined : dataOf(route)
  return {
    view,
    service,
    complete,
    versions,
    seesWorkloads: true,
    traffic: {
      service: service.name,
      namespace: service.namespace,
      ...(data?.stable !== undefined && { stable: data.stable }),
      versions: versions.map(({ name }) => ({ name, ready: 1, wanted: 1 })),
      entryPoints: route === undefined ? [] : [entryPointOf(route)],
      notes: [],
    },
    idleNotes: [],
    recordNotes: [],
    subjects: route === undefined ? [] : [refOf(route)],
    canary: {
      stable: data?.stable === undefined ? [] : [data.stable],
      cohorts: data?.cohorts ?? [],
      mirrors: data?.mirrors ?? [],
    },
  }
}

function entryPointOf(route: ConfigMap): EntryPoint {
  const { split, cohorts, mirrors } = dataOf(route)
  return {
    ref: refOf(route),
    hosts: [route.metadata.labels!['routes']!],
    gateways: [],
    cohorts: cohorts.map(({ name, to, when }) => ({
      name,
      to,
      conditions: when,
      reached: true,
      uncovered: [],
    })),
    splits: [{ takes: '', shares: split, reached: true }],
    mirrors: mirrors.map(({ to, percent }) => ({ version: to, percent, byHand: false })),
  }
}

function edit(reading: ServiceReading, wanted: Wanted, purpose: EditPurpose): ServiceEdit {
  const before = requireRoute(reading, purpose)
  const { stable: _stable, cohorts: _cohorts, mirrors: _mirrors, ...data } = before.data ?? {}
  const split = wanted.split?.shares.map(({ version, percent }) => `${version}=${percent}`).join(',')
  const mirrors = (wanted.mirrors ?? dataOf(before).mirrors).filter(
    ({ to }) => wanted.unmirrored?.includes(to) !== true,
  )
  const isOver = wanted.split === undefined && wanted.cohorts.length + mirrors.length === 0
  const after = {
    ...before,
    data: {
      ...data,
      ...(split !== undefined && { split }),
      ...(wanted.stable !== undefined && !isOver && { stable: wanted.stable }),
      ...(wanted.cohorts.length > 0 && { cohorts: JSON.stringify(wanted.cohorts) }),
      ...(mirrors.length > 0 && { mirrors: JSON.stringify(mirrors) }),
    },
  }
  return { changes: [{ before, after }], notes: [] }
}
