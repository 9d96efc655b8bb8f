import type { Ref } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** The Service of the API server is in every cluster, without pods of its own: nobody means it unnamed. */
export const isApiServer = (view: ClusterView, { name, namespace }: Omit<Ref, 'kind'>): boolean =>
  name === 'kubernetes'
  && namespace === 'default'
  && view.get({ kind: 'Service', namespace, name })?.spec?.selector === undefined
