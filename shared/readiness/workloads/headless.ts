import { isKind, refOf } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { applyCommand, deleteCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ReadinessFix, ServiceCheck } from '../check.ts'
import { statefulSetsNaming } from '../../workloads/service-workloads.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { foundByRules } from '../facts/from-rules.ts'

/** A sidecar sends a request for a headless Service to the pod that its client looked up. */
export const headless: ServiceCheck = {
  id: 'headless',
  summary: 'The Service has a cluster IP: sidecars do not split the requests of a headless one.',
  fix: 'Create the Service again without `clusterIP: None`.',
  needs: routingNeeds,
  states: ['warn'],
  ofMesh: true,
  *check(subject) {
    const { view, services, workloads } = subject
    const found = foundByRules(subject, 'headless')
    const first = services.find(service => providerOfService(service).form === 'headless')
    yield* found.map(result => (first === undefined ? result : { ...result, fix: addressed(view, first) }))
    if (services.length === 0) return
    if (first === undefined) {
      yield { state: 'pass', message: 'the Service has a cluster IP' }
      return
    }
    if (found.length > 0) return
    const { name } = first.metadata
    // Peers of a StatefulSet look each other up by it: it is no entrance whose requests are split.
    const isForPeers = workloads.length > 0 && workloads.every(({ object }) => isKind('StatefulSet', object))
    yield isForPeers
      ? { state: 'pass', message: `Service ${name} is headless, for the pods of a StatefulSet` }
      : {
          state: 'warn',
          ref: refOf(first),
          message: `Service ${name} is headless: sidecars would ignore weights and subsets`,
          fix: addressed(view, first),
        }
  },
}

/** How requests get a Service with a cluster IP: the same one, or a second one where a StatefulSet needs it as it is. */
const addressed = (view: ClusterView, service: Service): ReadinessFix => {
  const [set] = statefulSetsNaming(view, service)
  return set === undefined ? recreated(service) : beside(service, set)
}

function beside(service: Service, set: KubeObject): ReadinessFix {
  const { name } = service.metadata
  const why = `${set.kind} ${set.metadata.name} names Service ${name}, which has to stay headless`
  if (itemsOf(fieldsOf(service.spec)['ports']).length === 0)
    return { commands: [`${why}: add a second Service with ports and a cluster IP, and route that one.`] }
  const fresh = withAddress(service, `${name}-routed`)
  return {
    commands: [
      `${why}: add a second Service.`,
      applyCommand(fresh),
      `Then name ${fresh.metadata.name} in routes and DestinationRules, and let callers call it.`,
    ],
    creates: [fresh],
  }
}

/** The address of a Service cannot be changed: it is created again. */
function recreated(service: Service): ReadinessFix {
  const ref = refOf(service)
  const sets = [{ ref, path: ['spec', 'clusterIP'], value: undefined }]
  if (itemsOf(fieldsOf(service.spec)['ports']).length === 0)
    return {
      commands: [`Give Service ${ref.name} ports, and create it again without spec.clusterIP.`],
      sets,
    }
  return {
    commands: [
      'An address cannot be added to a Service: it is deleted and created again.',
      deleteCommand(ref),
      applyCommand(withAddress(service, ref.name)),
    ],
    sets,
  }
}

/** The Service as it is written, without the fields that make it headless. */
function withAddress(service: Service, name: string): KubeObject {
  const {
    clusterIP: _,
    clusterIPs: __,
    ipFamilies: ___,
    ipFamilyPolicy: ____,
    ...spec
  } = fieldsOf(service.spec)
  const { labels, annotations } = service.metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': _____, ...kept } = annotations ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: namespaceOf(service),
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
    },
    spec,
  } as KubeObject
}
