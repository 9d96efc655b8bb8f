import { serviceWord } from '../../objects/text/kubectl-commands.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { Note } from '../../routing/note.ts'
import type { Traffic } from '../../routing/traffic.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { CheckResult, ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { listed, nameIn } from '../facts/names.ts'
import type { ServiceSubject } from '../subject.ts'

/** Callers whom no route is for get any version, whatever the weights say. */
export const routeCoverage: ServiceCheck = {
  id: 'route-coverage',
  summary: 'The routes apply, and cover all callers: at gateways and in the mesh.',
  fix: 'Give the callers that are named a route: `kubectl canary init SERVICE --stable VERSION --mesh` creates one for those in the mesh.',
  needs: routingNeeds,
  states: ['warn'],
  ofMesh: true,
  *check(subject) {
    const { reading, services } = subject
    const found = foundByRules(subject, 'route-coverage')
    yield* found
    const { entryPoints, notes } = reading.traffic
    for (const note of notes) {
      const result = ofNote(subject, note)
      if (result !== undefined) yield result
    }
    if (entryPoints.length === 0 && services.length > 0) yield { state: 'pass', message: sayingInit(subject) }
    const covered = sayingCovered(subject)
    if (covered !== '') yield { state: 'pass', message: covered }
  },
}

function sayingInit({ service, reading, owner }: ServiceSubject): string {
  if (owner !== undefined) {
    const to = owner.state.services.find(({ name }) => name === service.name)?.to ?? 'all its pods'
    return `no routes: requests go to ${to}, as ${owner.owner} has them`
  }
  const versions = reading.versions.map(({ name }) => name)
  const stable = versions.length === 1 ? versions[0]! : 'VERSION'
  return `no routes yet: kubectl canary init ${serviceWord(service.name)} --stable ${stable} -n ${service.namespace} creates them`
}

type NoteOf<K extends Note['kind']> = Extract<Note, { readonly kind: K }>
type Saying<K extends Note['kind']> = (note: NoteOf<K>, subject: ServiceSubject) => CheckResult

/** What the reading says of callers that no route is for; a rule says the rest. */
const sayings = {
  'mesh-not-covered': (note, subject) => {
    const { service, reading } = subject
    // Where routes lead to all pods alike, callers without a route get the same.
    if (!tellsVersionsApart(reading.traffic))
      return { state: 'pass', message: `${sayingCovered(subject)}; callers in the mesh have no route yet` }
    return {
      state: 'warn',
      message: `no VirtualService for host ${service.name} applies to callers in the mesh`,
      ...fixOf(note),
    }
  },
  'not-exported': (note, { service }) => ({
    state: 'warn',
    ref: note.object,
    message: `callers in ${listed(note.callers)} are not covered: ${nameIn(service.namespace, note.object)} is not exported to them`,
    fix: {
      commands: [note.fix],
      files: [`In ${keyOf(note.object)}, ${note.edit.replace(' its ', ' ')}`],
    },
  }),
  'not-imported': (note, { service }) => ({
    state: 'warn',
    ref: note.object,
    message: `callers in ${listed(note.callers)} are not covered: their Sidecar does not import ${nameIn(service.namespace, note.object)}`,
    fix: { commands: [`Add "${note.entry}" to spec.egress[].hosts of that Sidecar.`] },
  }),
  'consumer-route': ({ object, parent }, { service }) => ({
    state: 'warn',
    ref: object,
    message: `callers outside namespace ${object.namespace} are not covered: ${nameIn(service.namespace, object)} applies to callers in its own namespace only`,
    fix: { commands: [`Create a route for ${keyOf(parent)} in namespace ${parent.namespace}.`] },
  }),
  'gateway-serves-no-host': (note, { service }) => ({
    state: 'warn',
    ref: note.object,
    message: `Gateway ${note.gateway} serves no host of ${nameIn(service.namespace, note.object)}`,
    fix: { commands: [`Add the host to spec.servers[].hosts of Gateway ${note.gateway}.`] },
  }),
  'foreign-routes': (note, { service }) => {
    const route = note.routes.length === 1 ? 'routes' : 'route'
    const names = listed(note.routes.map(route => nameIn(service.namespace, route)))
    return {
      state: 'warn',
      ref: note.routes[0],
      message: `${names} ${route} ${service.name}, too, by another API, and in the mesh Istio follows the oldest only`,
    }
  },
} satisfies { readonly [K in Note['kind']]?: Saying<K> }

const ofNote = (subject: ServiceSubject, note: Note): CheckResult | undefined =>
  (sayings as Partial<Record<Note['kind'], Saying<never>>>)[note.kind]?.(note as never, subject)

/** Whether routes choose among versions: a caller without a route may then get another one. */
const tellsVersionsApart = ({ entryPoints, versions }: Traffic): boolean =>
  versions.length > 1
  && entryPoints.some(
    ({ cohorts, splits }) =>
      cohorts.length > 0
      || splits.some(({ shares }) =>
        shares.some(({ version }) => versions.some(({ name }) => name === version)),
      ),
  )

/** The entrances whose requests follow the routes. */
const sayingCovered = ({ reading }: ServiceSubject): string =>
  [
    ...new Set(
      reading.traffic.entryPoints.filter(({ idle }) => idle === undefined).flatMap(point => point.gateways),
    ),
  ]
    .toSorted()
    .map(name => (name === 'mesh' ? 'callers in the mesh' : `gateway ${name}`))
    .join(', ')

const fixOf = (note: { readonly fix?: string; readonly edit?: string }): Pick<CheckResult, 'fix'> =>
  note.fix === undefined
    ? {}
    : {
        fix: {
          commands: [note.fix],
          ...(note.edit === undefined
            ? {}
            : { files: [`${note.edit[0]!.toUpperCase()}${note.edit.slice(1)}`] }),
        },
      }
