import { isKind, refOf } from '../../objects/kinds.ts'
import type { Service } from '../../objects/core.ts'
import { applyCommand, deleteCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { ReadinessFix, ServiceCheck } from '../check.ts'
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
    const { services, workloads } = subject
    const found = foundByRules(subject, 'headless')
    const first = services.find(service => providerOfService(service).form === 'headless')
    yield* found.map(result => (first === undefined ? result : { ...result, fix: recreated(first) }))
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
          fix: recreated(first),
        }
  },
}

/** The address of a Service cannot be changed: it is created again. */
function recreated(service: Service): ReadinessFix {
  const ref = refOf(service)
  const {
    clusterIP: _,
    clusterIPs: __,
    ipFamilies: ___,
    ipFamilyPolicy: ____,
    ...spec
  } = fieldsOf(service.spec)
  const sets = [{ ref, path: ['spec', 'clusterIP'], value: undefined }]
  if (itemsOf(spec['ports']).length === 0)
    return {
      commands: [`Give Service ${ref.name} ports, and create it again without spec.clusterIP.`],
      sets,
    }
  const { labels, annotations, name } = service.metadata
  const { 'kubectl.kubernetes.io/last-applied-configuration': _____, ...kept } = annotations ?? {}
  const fresh = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: ref.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
    },
    spec,
  }
  return {
    commands: [
      'An address cannot be added to a Service: it is deleted and created again.',
      deleteCommand(ref),
      applyCommand(fresh),
    ],
    sets,
  }
}
