import { CanaryError } from '../../../objects/canary-error.ts'
import type { Service } from '../../../objects/core.ts'
import { keyOf } from '../../../objects/kube-object.ts'
import { refOf } from '../../../objects/kinds.ts'
import { serviceWord, shellWord } from '../../../objects/text/kubectl-commands.ts'
import { fieldsOf, isFields, itemsOf } from '../../../objects/unchecked.ts'
import type { ServiceEdit, ServiceReading } from '../../../routing/provider.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { WantedStart } from '../../../routing/wanted.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { previewAnnotation, previewName, previewSaid } from '../resolve/preview.ts'
import { selectorOf } from '../resolve/pod-groups.ts'
import { keyOfVersion } from '../resolve/version-labels.ts'
import { readService, type PodReading } from '../read/reading.ts'
import { sharesOf } from '../read/traffic.ts'
import { noVersions, stableIn } from './editable.ts'

/** Throws a CanaryError `not-found` where there is no such Service. */
export function requireProvided(view: ClusterView, { name, namespace }: RoutedService): void {
  if (view.get({ kind: 'Service', namespace, name }) !== undefined) return
  throw new CanaryError('not-found', `no Service ${name} in namespace ${namespace}`)
}

/**
 * A Service needs no first route. What may be wanted is a Service that shows a version until it is promoted. Throws a
 * CanaryError `refused` for gateways and hosts, which need routes.
 */
export function startService(given: ServiceReading, wanted: WantedStart, insist: string): ServiceEdit {
  const reading = readService(given.view, given.service, given)
  const { gateways, hosts, mesh, preview } = wanted
  if (reading.object === undefined) throw noVersions(reading, { command: insist.replace(/ --force$/, '') })
  if (gateways.length + hosts.length > 0 || mesh !== undefined || (preview?.hosts.length ?? 0) > 0)
    throw new CanaryError(
      'refused',
      `${reading.service.name} has no routes: a Service is reached by its own name, and needs no gateway, host or mesh here`,
      { hints: ['Leave them out, or use the routing API that has them: --provider istio or gateway-api.'] },
    )
  requireStable(reading, wanted.stable)
  if (preview === undefined) return { changes: [], notes: [] }
  return previewed(reading, reading.object, preview.version)
}

/** Throws a CanaryError `refused` where another version is stable: as it is written down, or because it alone takes requests. */
function requireStable(reading: PodReading, stable: string): void {
  const { name, namespace } = reading.service
  const taking = sharesOf(reading).map(({ version }) => version)
  const known = stableIn(reading)
  const now = known.length > 0 ? known : taking.length === 1 ? taking : []
  if (now.length === 0 || now.includes(stable)) return
  const words = `${serviceWord(name)} ${shellWord(stable)} -n ${namespace}`
  throw new CanaryError('refused', `${now.join(' and ')} of ${name} is stable, and not ${stable}`, {
    hints: [
      `A Service without routes follows its pods, and init changes none of them. To make ${stable} stable: kubectl canary promote ${words}`,
    ],
  })
}

/** The Service of the preview, as it is or newly made. */
function previewed(reading: PodReading, object: Service, version: string): ServiceEdit {
  const { view, service, switchKey, versions } = reading
  const name = previewName(service.name)
  const before = view.get({ kind: 'Service', namespace: service.namespace, name })
  const labels = versions.find(each => each.name === version)?.workloads[0]?.labels ?? {}
  const key = switchKey ?? keyOfVersion(labels, version)
  if (key === undefined)
    throw new CanaryError(
      'refused',
      `no label of its pods says ${version}, so that a Service could select them`,
      {
        hints: ['Give the pods of each Deployment a label version or track.'],
      },
    )
  const said = before && previewSaid(before)
  if (before !== undefined && said?.service !== service.name)
    throw new CanaryError('refused', `${keyOf(refOf(before))} is there already, and is for something else`, {
      hints: [`It selects what its owner wanted. Delete it, or see the version by that Service.`],
    })
  const selector = { ...selectorOf(object), [key]: version }
  const annotations = { [previewAnnotation]: `${service.name}=${version}` }
  const after =
    before === undefined
      ? ({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace: service.namespace, annotations },
          spec: {
            selector,
            ports: itemsOf(fieldsOf(object.spec)['ports']).filter(isFields).map(withoutNodePort),
          },
        } as Service)
      : {
          ...before,
          metadata: { ...before.metadata, annotations: { ...before.metadata.annotations, ...annotations } },
          spec: { ...before.spec, selector },
        }
  return { changes: [{ before, after }], notes: [] }
}

const withoutNodePort = ({ nodePort: _, ...port }: Readonly<Record<string, unknown>>): unknown => port
