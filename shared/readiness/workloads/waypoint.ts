import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { applyCommand } from '../../objects/text/kubectl-commands.ts'
import { labelsOf } from '../../objects/unchecked.ts'
import { membershipOf, membershipOfWorkload, waypointOf } from '../../providers/istio/resolve/membership.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import type { Service } from '../../objects/core.ts'
import type { ReadinessFix, ServiceCheck } from '../check.ts'
import { markCommand } from '../facts/patches.ts'
import type { ServiceSubject } from '../subject.ts'

const useWaypoint = 'istio.io/use-waypoint'

/** ztunnel reads no HTTP: in ambient mode routes and weights are the waypoint's work. */
export const waypoint: ServiceCheck = {
  id: 'waypoint',
  summary: 'A service in ambient mode has a waypoint, which HTTP routes need.',
  fix: 'Create a waypoint, and label the Service or its namespace `istio.io/use-waypoint`.',
  needs: ['Namespace'],
  states: ['warn', 'fail'],
  ofMesh: true,
  *check(subject) {
    const { view, services } = subject
    if (!isAmbient(subject)) return
    for (const service of services) {
      const { namespace, ports } = providerOfService(service)
      if (!ports.some(({ takesHttp }) => takesHttp)) continue
      const { name } = service.metadata
      const said = waypointOf(view, namespace, name)
      if (said === 'yes') {
        yield { state: 'pass', message: `Service ${name} has a waypoint` }
        continue
      }
      const routed = hasMeshRoutes(subject)
      const without = routed
        ? 'its HTTP routes have no effect for callers in ambient mode'
        : 'HTTP routes would have no effect'
      yield {
        state: said === 'unknown' ? 'unknown' : routed ? 'fail' : 'warn',
        ref: refOf(service),
        message:
          said === 'unknown'
            ? unknownOf(subject, service)
            : `Service ${name} is in ambient mode and has no waypoint: ${without}`,
        fix: fixFor(subject, service),
      }
    }
  },
}

/** Why nobody can tell: in files, labels of a Namespace that is there may be set elsewhere. */
function unknownOf({ view, live }: ServiceSubject, service: Service): string {
  const { namespace } = refOf(service)
  const isThere = view.get({ kind: 'Namespace', namespace: '', name: namespace }) !== undefined
  if (isThere)
    return `Namespace ${namespace} names no waypoint in these files: its labels may name one in the cluster`
  const missing = live ? 'could not be read' : 'is not in these files'
  return `Namespace ${namespace} ${missing}: its labels may name a waypoint for Service ${service.metadata.name}`
}

function isAmbient({ view, service, workloads }: ServiceSubject): boolean {
  return workloads.length === 0
    ? membershipOf(view, service.namespace).ambient
    : workloads.some(({ object }) => membershipOfWorkload(view, object).ambient)
}

const hasMeshRoutes = ({ reading }: ServiceSubject): boolean =>
  reading.traffic.entryPoints.some(({ gateways, idle }) => idle === undefined && gateways.includes('mesh'))

function fixFor({ view, service: { namespace } }: ServiceSubject, service: Service): ReadinessFix {
  const known = [
    ...view.list('Service', namespace),
    ...[view.get({ kind: 'Namespace', namespace: '', name: namespace })].filter(each => each !== undefined),
  ]
    .map(({ metadata }) => labelsOf(metadata.labels))
    .filter(labels => labels['istio.io/use-waypoint-namespace'] === undefined)
    .map(labels => labels[useWaypoint])
    .find(name => name !== undefined && name !== '' && name !== 'none')
  const name = known ?? 'waypoint'
  const made = known === undefined ? [waypointFor(namespace)] : []
  return {
    commands: [
      ...made.map(applyCommand),
      markCommand(
        'label',
        { kind: 'Service', name: service.metadata.name, namespace },
        { [useWaypoint]: name },
      ),
    ],
    creates: made,
    sets: [{ ref: refOf(service), path: ['metadata', 'labels', useWaypoint], value: name }],
  }
}

/** What `istioctl waypoint generate` prints. */
const waypointFor = (namespace: string): KubeObject =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'waypoint', namespace, labels: { 'istio.io/waypoint-for': 'service' } },
    spec: {
      gatewayClassName: 'istio-waypoint',
      listeners: [{ name: 'mesh', port: 15008, protocol: 'HBONE' }],
    },
  }) as KubeObject
