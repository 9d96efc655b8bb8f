import { unreachedRule } from './unreached.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { enumerated } from '../../shared/objects/text/listed.ts'
import { escaped } from '../../shared/objects/text/escaped.ts'
import { providerSentences } from './services/provider-sentences.ts'
import { formatRoutePlace, routeSentences } from './services/route-sentences.ts'
import { formatSpan } from './services/span.ts'
import type { Note } from '../../shared/routing/note.ts'

type NoteOf<K extends Note['kind']> = Note & { readonly kind: K }

/** The sentence for each kind of note. */
const sentences: { readonly [K in Note['kind']]: (note: NoteOf<K>) => string } = {
  'cohort-stays': ({ cohort, version }) => `Cohort ${cohort} still goes to ${version}.`,
  'cohort-ends': ({ cohort, version }) => `Cohort ${cohort} to ${version} is removed.`,
  'cohort-not-reached': ({ cohort, objects, by, again }) =>
    `Cohort ${cohort} gets no request at ${enumerated(objects.map(keyOf))}: ${
      by === undefined ? 'routes before it take' : `cohort ${by} takes`
    } all requests that it matches${unreachedRule(objects[0]!.kind)}.${again === undefined ? '' : ` To let it go first: ${again}`}`,
  'preview-ends': ({ version, hosts }) => `The preview of ${version} at ${hosts.join(', ')} is removed.`,
  'preview-stays': ({ version, hosts }) => `The preview of ${version} at ${hosts.join(', ')} stays.`,
  'mirror-ends': ({ to, routes }) =>
    `The mirror to ${to} is removed (${enumerated(routes.map(formatRoutePlace))}).`,
  'mirror-stays': ({ to, routes }) =>
    `The mirror to ${to} stays (${enumerated(routes.map(formatRoutePlace))}).`,
  'no-mirrors': ({ service, namespace }) =>
    service === undefined
      ? `No Service in namespace ${namespace} has a mirror that kubectl canary set.`
      : `${service} has no mirror that kubectl canary set.`,
  // Envoy adds it; newer releases of Istio can leave it out (DISABLE_SHADOW_HOST_SUFFIX).
  'copies-have-effects': ({ versions }) => {
    const isOne = versions.length === 1
    return [
      `${versions.join(' and ')} ${isOne ? 'gets' : 'get'} copies of requests that change data (POST, PUT, PATCH, DELETE), too:`,
      `what ${isOne ? 'it then writes or sends' : 'they then write or send'} is real. The answers to copies are dropped.`,
      'Their Host header may end in -shadow, depending on the proxy.',
    ].join(' ')
  },
  'mirror-not-needed': ({ object, place, to }) =>
    `${keyOf(object)}, ${place} sends all its requests to ${to}: it is not mirrored there.`,
  'nothing-to-abort': ({ service, stable, back }) =>
    [
      `Nothing to abort: no canary of ${service} is under way${stable === undefined ? '' : `, ${stable} is stable`}.`,
      ...(back === undefined ? [] : [`To go back to another version: ${back}`]),
    ].join(' '),
  controller: ({ says }) => says,
  forward: ({ cohort, carried, services, entries }) =>
    [
      `Cohort ${cohort} is identified by ${carried.join(' and ')}. A service gets it only if its caller forwards it.`,
      'Every service between the entry point and the last one in the cohort must forward it:',
      `${enumerated(services)}${entries.length === 0 ? '' : ` (gateways lead to ${enumerated(entries)})`},`,
      'and those between them that are not in the cohort.',
    ].join(' '),
  'none-expired': ({ namespace }) =>
    `No cohort is expired in ${namespace === '*' ? 'any namespace' : `namespace ${namespace}`}.`,
  'no-such-cohort': ({ cohort, service, namespace, others }) => {
    const known = others.length === 0 ? '' : ` Existing cohorts: ${others.join(', ')}.`
    return service === undefined
      ? `Namespace ${namespace} has no cohort ${cohort}.${known}`
      : `${service} has no cohort ${cohort}.${known}`
  },
  'applied-by': ({ object, tool }) =>
    `${keyOf(object)} is applied by ${tool}, which may revert this edit. Change its source, too: the same command with -f.`,
  'edit-kept': ({ object, tool, by }) =>
    `${keyOf(object)} is applied by ${tool}, which keeps this edit (${by}).`,
  'not-used-yet': ({ version, live }) =>
    live
      ? `Version ${version} has had no requests yet: it stays.`
      : `Version ${version} is newer than what is in use, and files do not say whether it had requests: it stays.`,
  'version-named': ({ version, routes }) =>
    `Version ${version} stays: ${enumerated(routes.map(keyOf))} ${routes.length === 1 ? 'names' : 'name'} it.`,
  'workload-scaled': ({ object, replicas }) =>
    `${keyOf(object)} is scaled from ${replicas} to 0. To delete it instead: --delete-workloads.`,
  'workload-kept': ({ object, behind, versions }) => {
    const users = behind.map(user =>
      user.namespace === object.namespace ? `${user.kind} ${user.name}` : keyOf(user),
    )
    if (users.length > 0) return `${keyOf(object)} stays: its pods are also behind ${enumerated(users)}.`
    return versions.length > 0
      ? `${keyOf(object)} stays: its pods are also of version ${enumerated(versions)}.`
      : `${keyOf(object)} cannot be scaled down: it stays. To delete it: --delete-workloads.`
  },
  'all-versions-in-use': ({ service }) =>
    `Routes of ${service} lead to all its pods, whatever their version: none is left over.`,
  'drift-merged': ({ object }) =>
    `${keyOf(object)} was also changed outside of kubectl canary: those changes stay.`,
  'too-few-pods': ({ service, version, percent, mirrored, ready, needed, served, by, autoscaler }) =>
    [
      `Version ${version} of ${service} gets ${loadOf(percent, mirrored)}`,
      `and has ${podsOf(ready)};`,
      `${by} has ${served} now, so this share needs ${needed}.`,
      ...(autoscaler === undefined
        ? []
        : [
            `${keyOf(autoscaler.object)} adds pods only once the requests have come, up to ${autoscaler.most}.`,
          ]),
    ].join(' '),
  'not-split': ({ service, rule }) =>
    [
      `Service ${service} is headless: sidecars will send each request to the pod that the client looked up,`,
      'and ignore subsets and weights,',
      `unless istiod runs with PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES=true (${rule}).`,
    ].join(' '),
  'foreign-routes': ({ service, routes, isApart, isLast }) => {
    const verb = routes.length === 1 ? 'routes' : 'route'
    if (isLast === true)
      return `${enumerated(routes.map(keyOf))} ${verb} ${service}: requests that come by it do not follow the shares of the pods.`
    return [
      `${enumerated(routes.map(keyOf))} ${verb} ${service}, too, by another API:`,
      isApart === true
        ? `requests that come by ${routes.length === 1 ? 'it' : 'them'} are routed there.`
        : 'for callers in the mesh Istio follows the oldest of them only.',
    ].join(' ')
  },
  'affinity-ignored': ({ service, fix }) =>
    [
      `Proxies ignore sessionAffinity: ClientIP of Service ${service}: a user can get another version with each request.`,
      `To let users keep their version: ${fix}`,
    ].join(' '),
  'no-labels-at-gateways': ({ object, cohort }) =>
    `${keyOf(object)} is for gateways only, where callers have no labels: cohort ${cohort} gets no requests there.`,
  'no-claims-in-mesh': ({ object, cohort }) =>
    `${keyOf(object)} is for callers in the mesh only, where tokens are not read: cohort ${cohort} gets no requests there.`,
  'no-request-authentication': ({ cohort, gateways, unread }) =>
    unread
      ? `Cannot tell whether the proxies of ${enumerated(gateways)} read tokens (no permission to read RequestAuthentications): without one, cohort ${cohort} gets no requests there.`
      : `No RequestAuthentication found for the proxies of ${enumerated(gateways)}: without one, cohort ${cohort} gets no requests there.`,
  'bucket-limits': ({ header, digits, count }) =>
    [
      `The percentage applies to values of ${header} that end in ${count} ${digits} digits,`,
      'and assumes that these digits are evenly distributed. Requests without such a value are not in the cohort.',
      ...(digits === 'hex' ? [] : ['For hex ids such as UUIDs: --digits hex.']),
    ].join(' '),
  'sticky-starts': ({ service, cookie, ttl }) =>
    [
      `Responses of ${service} set the cookie ${cookie}.`,
      `Callers that send it keep their version for ${formatSpan(ttl)} after their last request.`,
      'The shares apply to callers without it: one that keeps no cookies can get another version with each request.',
    ].join(' '),
  ...providerSentences,
  ...routeSentences,
  'sticky-ends': ({ cookie }) => `Users no longer keep their version by the cookie ${cookie}.`,
  'sticky-lacks-routes': ({ places, fix }) =>
    `${places.join(', ')} sets the cookie of a sticky split, but no route matches the cookie. To restore the routes: ${fix}`,
  'copied-settings': ({ service, object, from, fields }) => {
    const verb = fields.join().endsWith('s') ? 'are' : 'is'
    const copied =
      fields.length === 0 ? 'it has no settings to copy' : `its ${fields.join(' and ')} ${verb} copied`
    return [
      `${keyOf(object)} applies to ${service} instead of ${keyOf(from)}, which is unchanged: ${copied}.`,
      `Later changes of ${keyOf(from)} do not reach ${service}.`,
    ].join(' ')
  },
  overridden: ({ service, routes }) =>
    `Overridden by --force: ${routes
      .map(({ object, place, does }) => `${keyOf(object)} ${place} (${does})`)
      .join(', ')} no longer apply to ${service}.`,
  'not-exported': ({ callers, object, fix }) =>
    `Callers in ${enumerated(callers)} are not covered: ${keyOf(object)} is not exported to them. To include them: ${fix}`,
  'not-imported': ({ callers, object, entry }) =>
    [
      `Callers in ${enumerated(callers)} are not covered: their Sidecar does not import ${keyOf(object)}.`,
      `To include them, add "${entry}" to spec.egress[].hosts of that Sidecar.`,
    ].join(' '),
  'consumer-route': ({ object, parent }) =>
    [
      `Callers outside namespace ${object.namespace} are not covered: ${keyOf(object)} applies to callers in its own namespace only.`,
      `To include them, create a route for ${keyOf(parent)} in namespace ${parent.namespace}.`,
    ].join(' '),
  'no-sidecar': note => `Callers in ${placesOf(note)} have no sidecar: http routes have no effect for them.`,
  'no-waypoint': note =>
    `${note.service} has no waypoint: http routes have no effect for callers in the mesh (${placesOf(note)}).`,
  'mesh-not-covered': ({ service, fix }) =>
    [
      `Callers inside the mesh are not covered: no VirtualService for host ${service} applies to gateway mesh.`,
      ...(fix === undefined ? [] : [`To include them: ${fix}`]),
    ].join(' '),
  idle: ({ object, reason, rule }) => `${keyOf(object)} takes no requests: ${reason} (${rule}).`,
  'gateway-serves-no-host': ({ gateway, object }) =>
    `Gateway ${gateway} serves no host of ${keyOf(object)}: nothing reaches that route from outside (unknown-gateway).`,
  'not-http': ({ object, service, sections, isMixed }) =>
    [
      `${keyOf(object)} routes ${service} by ${sections.join(' and ')}${isMixed ? ', too' : ''},`,
      'where requests cannot be told apart: cohorts do not apply there.',
    ].join(' '),
  'route-not-reached': ({ object, place }) =>
    `No request reaches ${keyOf(object)} ${place}${unreachedRule(object.kind)}.`,
  'unreadable-record': ({ object, annotation, fix }) =>
    [
      `Annotation ${annotation} of ${keyOf(object)} cannot be read (unreadable-record),`,
      `so its cohorts are not shown. To remove it: ${fix}`,
    ].join(' '),
  'cohort-lacks-routes': ({ cohort, places, fix }) =>
    `Cohort ${cohort} does not cover ${places.join(', ')}, which was left out, or was added or changed after it. To cover it: ${fix}`,
}

/** A load of requests and copies: the copies are a percentage of all requests, not of the share. */
const loadOf = (percent: number, mirrored = 0): string =>
  mirrored === 0
    ? `${percent} % of the requests`
    : mirrored === percent
      ? `copies of ${mirrored} % of the requests`
      : `${percent - mirrored} % of the requests and copies of ${mirrored} %,`

/** A note as people read it: one or two sentences, with the command that changes it where there is one. */
export const formatNote = <K extends Note['kind']>(note: NoteOf<K>): string =>
  escaped((sentences[note.kind] as (known: NoteOf<K>) => string)(note))

const uncovered: readonly Note['kind'][] = [
  'not-exported',
  'not-imported',
  'consumer-route',
  'no-sidecar',
  'no-waypoint',
  'mesh-not-covered',
  'foreign-routes',
  'cohort-lacks-routes',
]

/** Whether a note says which callers or routes are not covered. */
export const saysUncovered = ({ kind }: Note): boolean => uncovered.includes(kind)

/** The notes as sentences. A command of ours gets the words that name the files that are worked on, if any. */
export const formatNotes = (notes: readonly Note[], fileWords: string): readonly string[] =>
  notes.map(note => formatNote(fileWords === '' ? note : withWords(note, fileWords)))

/** As on files: what is fixed there is the file, and no object of a cluster. */
const withWords = (note: Note, words: string): Note =>
  Object.fromEntries(
    Object.entries('edit' in note ? { ...note, fix: note.edit } : note).map(
      ([key, value]: [string, unknown]) => [
        key,
        (key === 'fix' || key === 'back') && typeof value === 'string' && value.startsWith('kubectl canary ')
          ? `${value} ${words}`
          : value,
      ],
    ),
  ) as unknown as Note

const podsOf = (count: number): string => `${count} ready ${count === 1 ? 'pod' : 'pods'}`

const placesOf = ({ namespaces, workloads }: NoteOf<'no-sidecar' | 'no-waypoint'>): string =>
  [...(namespaces.length === 0 ? [] : [`namespace ${namespaces.join(', ')}`]), ...workloads.map(keyOf)].join(
    ', ',
  )
