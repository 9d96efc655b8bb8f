import type { Ref } from '../../../objects/kube-object.ts'
import { mistyped } from '../../../objects/text/closest.ts'
import { formerly, type ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'

/**
 * The name in view that was probably meant by one that nothing has; undefined where a change takes away what has the
 * name, so that no other one was meant.
 */
export const nameMeant = (view: ClusterView, ref: Ref<NamedKind>): string | undefined =>
  formerly(view, ref) === undefined ? mistyped(ref.name, namesIn(view, ref.kind, ref.namespace)) : undefined

type NamedKind = keyof typeof topics

const topics = {
  Service: {},
  Gateway: {},
  'Gateway.gateway.networking.k8s.io': {},
  ApisixPluginConfig: {},
  ApisixUpstream: {},
} as const

/** The names of the objects of a kind in a namespace; listed once, however many hosts and gateways are unknown. */
export const namesIn = (view: ClusterView, kind: NamedKind, namespace: string): readonly string[] =>
  once(view, [topics[kind], namespace], () => view.list(kind, namespace).map(({ metadata }) => metadata.name))
