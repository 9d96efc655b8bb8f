import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceWord } from '../../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import {
  refuseOwned,
  type EditableRoutes,
  type EditPurpose,
  type ServiceEdit,
  type ServiceReading,
} from '../../../routing/provider.ts'
import type { Wanted } from '../../../routing/wanted.ts'
import type { Change } from '../../../view/change.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { abilities } from '../abilities.ts'
import { readService, type Api7Reading } from '../read/reading.ts'
import { ownedObjects, sharesOf } from '../read/service-reading.ts'
import {
  canaryAnnotation,
  percentAnnotation,
  publishedAnnotation,
  publishedOf,
} from '../resolve/published.ts'
import { annotated } from './annotated.ts'

/** The application as a plan needs it. Throws a CanaryError `not-found` where the service is not published. */
export function editableRoutes(given: ServiceReading, purpose: EditPurpose): EditableRoutes {
  const reading = readService(given.view, given.service, given)
  const { application, stable, canaries, published, view, service, versions } = reading
  requireAble(purpose.needs, purpose.byWeight)
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  if (application === undefined) throw notPublished(reading, purpose.inits)
  const taking = new Set(sharesOf(reading).map(({ version }) => version))
  const names = versions.map(({ name }) => name).filter(name => taking.has(name))
  const shown = stable ?? published[0]!
  return {
    stable: canaries.length > 0 && stable !== undefined ? [stable.version.name] : [],
    taking: names,
    takesAny: names.length === 0,
    routes: [
      {
        object: refOf(shown.object),
        place: 'metadata.annotations',
        word: application,
        takes: '',
        hosts: [],
        versions: names,
        singlesOut: false,
      },
    ],
    mirrors: [],
    leftOut: [],
  }
}

function requireAble(needs: EditPurpose['needs'], byWeight?: string): void {
  if (needs === 'cohorts' || needs === 'mirrors')
    throw new CanaryError('refused', abilities[needs], {
      hints: [
        `Send a part of all requests to the version instead${byWeight === undefined ? ', with weight.' : `: ${byWeight}`}`,
      ],
    })
}

function notPublished({ service }: Api7Reading, inits: readonly string[]): CanaryError {
  const commands = inits.map(init => `${init} --provider api7`)
  return new CanaryError(
    'not-found',
    `no Service of ${service.name} in namespace ${service.namespace} is published (${publishedAnnotation})`,
    {
      hints:
        commands.length === 1
          ? [`Publish the version that is stable: ${commands[0]}`]
          : ['Publish the version that is stable, one of:', ...commands.map(command => `  ${command}`)],
    },
  )
}

/**
 * Brings the annotations to the desired state; only the Service of the canary is written, because any
 * event on that of stable pauses the canary. Throws a CanaryError `refused` where that cannot be.
 */
export function editService(given: ServiceReading, wanted: Wanted): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  if (wanted.renewed !== undefined) requireAble('cohorts')
  if ((wanted.mirrors ?? []).length > 0) requireAble('mirrors')
  if (wanted.sticky !== undefined)
    throw new CanaryError('refused', abilities.sticky, { hints: ['Leave out --sticky.'] })
  if (wanted.split === undefined) return { changes: [], notes: [] }
  const taking = wanted.split.shares.filter(({ percent }) => percent > 0)
  const stable = requireStable(reading)
  const others = taking.filter(({ version }) => version !== stable.version.name)
  if (others.length > 1)
    throw refused(
      reading,
      `API7 Cloud divides requests among two versions: ${others[1]!.version} is one too many`,
      ['Name one canary.'],
    )
  const [canary] = others
  if (canary !== undefined) return share(reading, canary)
  return wanted.stable === undefined ? rollBack(reading) : nothingToShare(reading)
}

const refused = (_reading: Api7Reading, message: string, hints: readonly string[]): CanaryError =>
  new CanaryError('refused', message, { hints })

function requireStable({ stable, service, published }: Api7Reading) {
  if (stable !== undefined) return stable
  const names = published
    .filter(({ state }) => state === 'published' || state === 'finished')
    .map(({ object }) => object.metadata.name)
  throw new CanaryError(
    'refused',
    names.length === 0
      ? `no Service of ${service.name} is published but as a canary, so the stable version is unknown`
      : `Services ${names.join(' and ')} are all published as ${service.name}, so it is unknown which `
          + 'of them gets the requests of API7 Cloud',
    {
      hints:
        names.length === 0
          ? [
              `Publish the stable one: kubectl annotate service NAME -n ${service.namespace} `
                + `${publishedAnnotation}=${service.name}`,
            ]
          : [
              `Take the annotation ${publishedAnnotation} off those that get no requests: kubectl `
                + `annotate service NAME -n ${service.namespace} ${publishedAnnotation}-`,
            ],
    },
  )
}

/** 0 cannot be written: the controller's client leaves it out, and the share from before stays. */
function nothingToShare(reading: Api7Reading): ServiceEdit {
  const { service } = reading
  throw refused(reading, 'API7 Cloud ignores a percentage of 0: the canary would keep its share', [
    `Roll back: kubectl canary abort ${serviceWord(service.name)} -n ${service.namespace}`,
  ])
}

interface CanaryShare {
  readonly version: string
  readonly percent: number
}

/** A version gets a part, or all, which is final. */
function share(reading: Api7Reading, { version, percent }: CanaryShare): ServiceEdit {
  const { view, service, application, stable, canaries, versions } = reading
  const host = versions.find(({ name }) => name === version)?.host
  const before = host === undefined ? undefined : serviceOf(view, host)
  if (before === undefined)
    throw refused(reading, `version ${version} of ${service.name} has no Service of its own`, [
      `Create a Service ${service.name}-${version} that selects its pods, then repeat this command.`,
    ])
  const name = before.metadata.name
  if (itemsOf(fieldsOf(before.spec)['ports']).length === 0)
    throw refused(
      reading,
      `Service ${name} has no port, and the controller of API7 Cloud takes the first one`,
      [`Give it a port: kubectl edit service ${name} -n ${service.namespace}`],
    )
  if (stable?.state === 'finished')
    throw refused(
      reading,
      `the canary release of ${stable.version.name} is finished, which API7 Cloud does not take back; `
        + `a second one would drop the upstream of ${stable.version.name}: its controller keeps the first `
        + 'of the application and the new canary',
      ['Make the next release in the console of API7 Cloud, or publish it as another application.'],
    )
  if (publishedOf(before)?.state === 'rolled-back')
    throw refused(
      reading,
      `the canary release of Service ${name} was rolled back, and the controller of API7 Cloud does not start it again`,
      ['Start it in the console of API7 Cloud, or release the version by a Service of another name.'],
    )
  const other = canaries.find(({ object }) => object.metadata.name !== name)
  if (other !== undefined)
    throw refused(
      reading,
      `${other.version.name} is the canary of ${service.name} already, and API7 Cloud divides requests among two versions`,
      [`End that one first: kubectl canary abort ${serviceWord(service.name)} -n ${service.namespace}`],
    )
  const after = annotated(before, {
    [publishedAnnotation]: application!,
    [canaryAnnotation]: 'true',
    [percentAnnotation]: String(percent),
  })
  return {
    changes: [{ before, after }],
    notes: [
      percent === 100
        ? { kind: 'release-is-final', service: service.name, version }
        : { kind: 'event-pauses', object: refOf(stable!.object) },
    ],
  }
}

/**
 * Removes the mark of the canary and keeps its Service published: then the controller pauses the canary. It ignores a
 * Service that has neither annotation.
 */
const rollBack = ({ canaries }: Api7Reading): ServiceEdit => ({
  changes: canaries.map(({ object }): Change => ({
    before: object,
    after: annotated(object, {
      [canaryAnnotation]: undefined,
      [percentAnnotation]: object.metadata.annotations?.[percentAnnotation] ?? '10',
    }),
  })),
  notes: [],
})
