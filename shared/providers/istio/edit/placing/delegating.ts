import { keyOf } from '../../../../objects/kube-object.ts'
import { isFields } from '../../../../objects/unchecked.ts'
import type { HttpMatch, VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { nameOf } from '../../read/routes/carriers.ts'
import { rootsOf } from '../../resolve/delegates.ts'
import { routingOf, type MatchBlock } from '../../resolve/objects/routes.ts'
import type { DelegateCallers } from '../cohort-route.ts'

/**
 * What the roots that delegate to a VirtualService demand of each block of its routes, as Istio merges them
 * only then (hasConflict): each set that differs.
 */
export function demandsOn(view: ClusterView, object: VirtualService): readonly HttpMatch[] {
  if (routingOf(object).hosts.length > 0) return []
  const blocks = blocksDelegatingTo(view, object).map(({ block, sourceNamespace }): HttpMatch => ({
    ...(block['ignoreUriCase'] === true ? { ignoreUriCase: true } : {}),
    ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
  }))
  return [...new Map(blocks.map(block => [JSON.stringify(block), block])).values()]
}

/** How requests come to a delegate; undefined for a VirtualService with hosts. */
export function delegatedTo(view: ClusterView, object: VirtualService): DelegateCallers | undefined {
  if (routingOf(object).hosts.length > 0) return undefined
  const roots = rootsOf(view, object)
  const blocks = blocksDelegatingTo(view, object)
  return {
    isForMesh: roots.some(root => routingOf(root).gateways.includes('mesh')),
    asksCaller: blocks.some(
      ({ sourceLabels, sourceNamespace }) =>
        sourceNamespace !== undefined || Object.keys(sourceLabels).length > 0,
    ),
  }
}

const blocksDelegatingTo = (view: ClusterView, object: VirtualService): readonly MatchBlock[] =>
  rootsOf(view, object).flatMap(root =>
    routingOf(root)
      .routes.filter(({ delegate }) => delegate !== undefined && isFor(delegate, object))
      .flatMap(({ conditions }) => conditions),
  )

const isFor = (
  delegate: { readonly name: string; readonly namespace: string },
  object: VirtualService,
): boolean => keyOf({ kind: 'VirtualService', ...delegate }) === `VirtualService ${nameOf(object)}`

/**
 * Whether a root that delegates to a VirtualService has a `mirror` there: Istio takes it over only where the
 * delegate's route has none (mergeHTTPRoute), while a list of its own is beside it.
 */
export const mirrorsAbove = (view: ClusterView, object: VirtualService): boolean =>
  routingOf(object).hosts.length === 0
  && rootsOf(view, object).some(root =>
    routingOf(root).routes.some(
      ({ delegate, fields }) =>
        delegate !== undefined && isFor(delegate, object) && isFields(fields['mirror']),
    ),
  )
