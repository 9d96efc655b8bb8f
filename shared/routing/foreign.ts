import type { Kind, Ref } from '../objects/kube-object.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { RoutedService } from './service.ts'

/** A routing API of which it is only known that its objects are there: they are neither read nor edited. */
export interface ForeignRouting {
  readonly name: string
  readonly reads: readonly Kind[]
  /** The objects that route requests for a Service. */
  routes(view: ClusterView, service: RoutedService): readonly Ref[]
  /** The Services of a namespace, or with `*` of all, that such objects route. */
  services(view: ClusterView, namespace: string): readonly RoutedService[]
}
