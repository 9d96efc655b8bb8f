import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type Ref } from '../../objects/kube-object.ts'
import { foreign } from '../../providers/readers.ts'
import type { Note } from '../../routing/note.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** The objects of other routing APIs that route a service: they are neither read nor edited. */
export const foreignRoutes = (view: ClusterView, service: RoutedService): readonly Ref[] =>
  foreign.flatMap(api => api.routes(view, service))

/** The services of a namespace, or with `*` of all, that objects of other routing APIs route. */
export const foreignServices = (view: ClusterView, namespace: string): readonly RoutedService[] =>
  foreign.flatMap(api => api.services(view, namespace))

/** What is said of objects of other routing APIs that route a service. */
export function foreignNotes(view: ClusterView, service: RoutedService): readonly Note[] {
  const routes = foreignRoutes(view, service)
  return routes.length === 0 ? [] : [{ kind: 'foreign-routes', service: service.name, routes }]
}

/** A reading whose traffic and notes name the objects of other routing APIs that route the service. */
export function withForeignRoutes(reading: ServiceReading): ServiceReading {
  const routes = foreignRoutes(reading.view, reading.service)
  if (routes.length === 0) return reading
  const notes = foreignNotes(reading.view, reading.service)
  // The other parts stay derived when they are first asked for.
  return Object.create(reading, {
    traffic: {
      get: () => ({ ...reading.traffic, foreign: routes, notes: [...notes, ...reading.traffic.notes] }),
    },
    recordNotes: { get: () => [...notes, ...reading.recordNotes] },
  }) as ServiceReading
}

/** `HTTPRoute shop/catalog routes catalog: kubectl canary does not read or edit it.` */
export const foreignSentence = (view: ClusterView, service: RoutedService): string => {
  const routes = foreignRoutes(view, service)
  const [verb, them] = routes.length === 1 ? ['routes', 'it'] : ['route', 'them']
  return `${routes.map(keyOf).join(', ')} ${verb} ${service.name}: kubectl canary does not read or edit ${them}.`
}

/**
 * Runs a step that needs versions or routes of the service. Where it has those of another routing API, the
 * CanaryError `not-found` says so, and does not offer to make others beside them.
 */
export function withForeignHint<T>({ view, service }: ServiceReading, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found') throw error
    if (foreignRoutes(view, service).length === 0) throw error
    const hints = error.hints.filter(hint => !hint.includes('kubectl canary init'))
    throw new CanaryError('not-found', error.message, { hints: [foreignSentence(view, service), ...hints] })
  }
}
