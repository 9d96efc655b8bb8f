import { CanaryError } from '../../../objects/canary-error.ts'
import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import type { ServiceEdit, ServiceReading } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { WantedStart } from '../../../routing/wanted.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { hostOfService, versionNamed } from '../../../workloads/service-versions.ts'
import { baseOf, serviceOf } from '../../../workloads/version-services.ts'
import { abilities } from '../abilities.ts'
import { readService } from '../read/reading.ts'
import { publishedAnnotation } from '../resolve/published.ts'
import { annotated } from './annotated.ts'

/** Throws a CanaryError `not-found` where the Service is not in view. */
export function requireProvided(view: ClusterView, service: RoutedService): void {
  if (service.hosts !== undefined || serviceOf(view, hostOfService(service)) !== undefined) return
  throw new CanaryError('not-found', `no Service ${service.name} in namespace ${service.namespace}`, {
    hints: ['init annotates it: name the file that has it with -f as well.'],
  })
}

/**
 * Publishes the Service of stable: as the host that is named, else by the name that its versions have in common. What is
 * published stays as it is. Throws a CanaryError where that cannot be.
 */
export function startService(given: ServiceReading, wanted: WantedStart): ServiceEdit {
  const { view, service, versions, application, stable } = readService(given.view, given.service, given)
  requireAble(wanted)
  if (stable !== undefined && stable.version.name === wanted.stable) return { changes: [], notes: [] }
  if (application !== undefined)
    throw new CanaryError(
      'refused',
      `${service.name} is published already, by another version than ${wanted.stable}`,
      {
        hints: [`See who gets what: kubectl canary status ${service.name} -n ${service.namespace}`],
      },
    )
  const { host } = versionNamed(versions, wanted.stable)
  const before = host === undefined ? undefined : serviceOf(view, host)
  if (before === undefined || itemsOf(fieldsOf(before.spec)['ports']).length === 0)
    throw new CanaryError(
      'refused',
      `version ${wanted.stable} of ${service.name} has no Service of its own with a port`,
      {
        hints: [
          `Create a Service ${service.name}-${wanted.stable} that selects its pods, then repeat this command.`,
        ],
      },
    )
  const name = wanted.hosts[0] ?? baseOf(view, host!) ?? service.name
  return { changes: [{ before, after: annotated(before, { [publishedAnnotation]: name }) }], notes: [] }
}

function requireAble({ preview, gateways, hosts, mesh }: WantedStart): void {
  if (preview !== undefined)
    throw new CanaryError('refused', abilities.previews, {
      hints: ['Leave out --preview: a canary begins with weight VERSION=PERCENT'],
    })
  if (gateways.length > 0 || mesh === true)
    throw new CanaryError(
      'refused',
      'API7 Cloud has one gateway, and callers in the cluster do not come by it',
      {
        hints: ['Leave out --gateway and --mesh.'],
      },
    )
  if (hosts.length > 1)
    throw new CanaryError('usage', 'an application of API7 Cloud has one name, which is its host', {
      hints: ['Name one host with --host.'],
    })
}
