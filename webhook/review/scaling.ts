import type { Kind } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { fieldsOf, numberOf } from '../../shared/objects/unchecked.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from './admission-request.ts'

const scaledKinds: Readonly<Record<string, Kind>> = { deployments: 'Deployment', statefulsets: 'StatefulSet' }

/**
 * A request for the `scale` subresource as the update of the workload that it is, as far as the view has that; any
 * other request as it is. A Scale says how many replicas there are to be, and nothing of their labels.
 */
export function asWorkloadUpdate(request: AdmissionRequest, view: ClusterView): AdmissionRequest {
  const { subResource, operation, resource, namespace, name, object, oldObject } = request
  const kind = scaledKinds[resource]
  if (subResource !== 'scale' || operation !== 'UPDATE' || kind === undefined) return request
  const workload = view.get({ kind, namespace, name })
  if (workload === undefined) return request
  return {
    ...request,
    subResource: '',
    isScaling: true,
    apiVersion: workload.apiVersion,
    kind: workload.kind,
    oldObject: scaledTo(workload, replicasOf(oldObject)),
    object: scaledTo(workload, replicasOf(object)),
  }
}

/** The API server leaves a 0 out. */
const replicasOf = (scale: KubeObject | undefined): number =>
  numberOf(fieldsOf(scale === undefined ? undefined : Reflect.get(scale, 'spec'))['replicas']) ?? 0

const scaledTo = (workload: KubeObject, replicas: number): KubeObject =>
  ({ ...workload, spec: { ...fieldsOf(Reflect.get(workload, 'spec')), replicas } }) as KubeObject
