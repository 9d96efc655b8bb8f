import { namespaceOf } from '../../../objects/kube-object.ts'
import { stableAnnotation, cohortsAnnotation } from '../../../routing/record/record.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { podGroupsOf } from '../resolve/pod-groups.ts'
import { trackOf } from '../resolve/version-labels.ts'

/** Whether a Service is taken as one without routes. */
export type IsPlain = (view: ClusterView, service: RoutedService) => boolean

/**
 * Where Istio is not installed, requests to a Service that nothing routes go to its pods and nowhere else. Where it is,
 * or in files, which do not tell, a first route may be what is wanted for pods with the label `version`, as meshes ask
 * for it. The label `track`, which is for canaries without a mesh, and a canary of ours on the Service itself say that it
 * is not.
 */
export const isPlain: IsPlain = (view, service) => {
  if (view.absent?.has('VirtualService') === true) return true
  const { namespace, name } = service
  const { annotations = {} } = view.get({ kind: 'Service', namespace, name })?.metadata ?? {}
  const { groups = [], switchKey } = podGroupsOf(view, service) ?? {}
  const workloads = groups.flatMap(group => group.workloads)
  return (
    (switchKey !== undefined && groups.length > 1)
    || [stableAnnotation, cohortsAnnotation].some(key => annotations[key] !== undefined)
    || workloads.some(({ labels }) => trackOf(labels) !== undefined)
  )
}

/** The Services of a namespace, or with `*` of all. */
export const servicesIn = (view: ClusterView, namespace: string): readonly RoutedService[] =>
  view
    .list('Service', namespace === '*' ? undefined : namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(object => ({
      name: object.metadata.name,
      namespace: namespaceOf(object),
      clusterDomain: view.mesh.clusterDomain,
    }))
    .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))

/** Whether the Deployments behind a Service carry the labels of versions. */
export const hasVersions = (view: ClusterView, service: RoutedService): boolean =>
  podGroupsOf(view, service) !== undefined
