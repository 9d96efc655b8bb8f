import type { Ref } from '../../../shared/objects/kube-object.ts'
import { enumerated } from '../../../shared/objects/text/listed.ts'
import type { RouteNote } from '../../../shared/routing/notes/route-note.ts'

/** The sentences of notes about what an edit does to routes that somebody wrote, or leaves of them. */
export const routeSentences: {
  readonly [K in RouteNote['kind']]: (note: RouteNote & { readonly kind: K }) => string
} = {
  'route-moved': ({ object, place, takes, from, to }) =>
    `${placeOf({ object, place })} (${takes}), which was written by hand for ${enumerated(from)}, goes to ${to}, too.`,
  'connections-unchanged': ({ routes, by }) =>
    `${enumerated(routes.map(placeOf))} ${routes.length === 1 ? 'routes' : 'route'} connections, not requests: ${
      by === 'mirror' ? 'these are not mirrored' : 'the cohort does not apply to them'
    }.`,
  'route-unchanged': ({ object, place }) =>
    `${nameOf(object)}, ${place} selects some requests for another version: it is unchanged.`,
  'settings-copied': ({ object, places, version, from, field, settings }) =>
    `${version} gets the ${field} of ${from} at ${nameOf(object)} ${enumerated(places)}: ${settings}. Change them there if they are for ${from} only.`,
  'left-out': ({ routes }) =>
    `Left out and unchanged: ${routes
      .map(({ object, place, takes, versions }) => {
        const to = versions.length === 0 ? '' : ` → ${versions.join(', ')}`
        return `${nameOf(object)} ${place} (${takes || 'everything'}${to})`
      })
      .join('; ')}.`,
}

const nameOf = ({ kind, namespace, name }: Ref): string => `${kind} ${namespace}/${name}`

const placeOf = ({ object, place }: { readonly object: Ref; readonly place: string }): string =>
  `${nameOf(object)} ${place}`
