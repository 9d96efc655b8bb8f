import { CanaryError } from '../../../objects/canary-error.ts'
import { refOf } from '../../../objects/kinds.ts'
import {
  refuseOwned,
  type EditableRoutes,
  type EditPurpose,
  type ServiceReading,
} from '../../../routing/provider.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { notDeployments } from '../read/not-deployments.ts'
import { ownedObjects } from '../read/owners.ts'
import { podsOf, readService, type PodReading } from '../read/reading.ts'
import { sharesOf } from '../read/traffic.ts'
import { noCohorts } from './edit-service.ts'

/**
 * The one route that a Service is. Throws a CanaryError: `not-found` where no version is known, `refused` where a
 * controller would set an edit back or requests would have to be distinguished, `usage` where routes are chosen.
 */
export function editable(given: ServiceReading, purpose: EditPurpose): EditableRoutes {
  const reading = readService(given.view, given.service, given)
  const { view, service, object } = reading
  if (object === undefined) throw noVersions(reading, purpose)
  for (const owned of ownedObjects(view, service)) refuseOwned(owned)
  if (purpose.needs === 'cohorts') throw noCohorts(purpose)
  const { routes = [], objects = [] } = purpose.choice ?? {}
  if (routes.length + objects.length > 0)
    throw new CanaryError('usage', `${service.name} has no routes to choose from`, {
      hints: ['Leave out --route and --virtual-service.'],
    })
  const taking = sharesOf(reading).map(({ version }) => version)
  return {
    stable: stableIn(reading),
    taking,
    takesAny: false,
    routes: [
      {
        object: refOf(object),
        place: 'spec.selector',
        word: service.name,
        takes: '',
        hosts: [],
        versions: taking,
        singlesOut: false,
      },
    ],
    mirrors: [],
    leftOut: [],
  }
}

/**
 * The stable version: as it is written down, else that of `track: stable`, while another one takes requests, too.
 */
export function stableIn(reading: PodReading): readonly string[] {
  const { object, service, versions } = reading
  const written = object && stableOf(object, service)
  if (written !== undefined) return [written]
  const tracked = versions.filter(({ isStableTrack }) => isStableTrack)
  const isShared = versions.filter(version => podsOf(reading, version) > 0).length > 1
  return tracked.length === 1 && isShared ? [tracked[0]!.name] : []
}

/** The error where the Service has no version: no Deployment is behind it, or none has a label of a version. */
export function noVersions(
  { view, service }: Pick<PodReading, 'view' | 'service'>,
  { command }: Pick<EditPurpose, 'command'>,
): CanaryError {
  const { name, namespace } = service
  const unscalable = notDeployments(view, service)
  if (unscalable !== undefined) return unscalable
  return new CanaryError(
    'not-found',
    `no Deployment behind ${name} in namespace ${namespace} has a label version or track on its pods`,
    {
      hints: [
        `Deploy the new version as a Deployment of its own: its pods with the labels of the Service and track: canary, those of the present one with track: stable.`,
        `Then repeat this command: ${command}`,
      ],
    },
  )
}
