import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { enumerated } from '../../../shared/objects/text/listed.ts'
import type { RouteNote } from '../../../shared/routing/notes/route-note.ts'

/** The sentences of notes about what an edit does to routes that somebody wrote, or leaves of them. */
export const routeSentences: {
  readonly [K in RouteNote['kind']]: (note: RouteNote & { readonly kind: K }) => string
} = {
  'route-moved': ({ object, place, takes, from, to }) =>
    `${formatRoutePlace({ object, place })} (${takes}), which was written by hand for ${enumerated(from)}, goes to ${to}, too.`,
  'connections-unchanged': ({ routes, by }) =>
    `${enumerated(routes.map(formatRoutePlace))} ${routes.length === 1 ? 'routes' : 'route'} connections, not requests: ${
      by === 'mirror' ? 'these are not mirrored' : 'the cohort does not apply to them'
    }.`,
  'route-unchanged': ({ object, place }) =>
    `${keyOf(object)}, ${place} selects some requests for another version: it is unchanged.`,
  'settings-copied': ({ object, places, version, from, field, settings }) =>
    `${version} gets the ${field} of ${from} at ${keyOf(object)} ${enumerated(places)}: ${settings}. Change them there if they are for ${from} only.`,
  'ports-not-routed': ({ object, service, ports }) =>
    `${ports.length === 1 ? 'Port' : 'Ports'} ${enumerated(ports.map(String))} of ${service}: the http route of ${keyOf(object)} does not apply there, and connections go to any version.`,
  'stable-gets-nothing': ({ service, version, takers, fix }) =>
    `The routes of ${service} are there already, and init does not change them: ${enumerated(takers)} ${takers.length === 1 ? 'gets' : 'get'} the requests, and ${version} none. To make ${version} stable: ${fix}`,
  'left-out': ({ routes }) =>
    `Left out and unchanged: ${routes
      .map(({ object, place, takes, versions }) => {
        const to = versions.length === 0 ? '' : ` → ${versions.join(', ')}`
        return `${keyOf(object)} ${place} (${takes || 'everything'}${to})`
      })
      .join('; ')}.`,
}

/** `VirtualService shop/catalog spec.http[0]` */
export const formatRoutePlace = ({
  object,
  place,
}: {
  readonly object: Ref
  readonly place: string
}): string => `${keyOf(object)} ${place}`
