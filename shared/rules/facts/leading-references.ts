import { namespaceOf } from '../../objects/kube-object.ts'
import { virtualServicesByDestination } from '../../providers/istio/resolve/indexes/routing.ts'
import { rootsOf } from '../../providers/istio/resolve/delegates.ts'
import { hostsOf } from '../../providers/istio/resolve/mesh.ts'
import { evaluate, type Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import type { RuleSettings } from '../rule.ts'

/** A destination that gets requests, and the namespace of the VirtualService in which it is written. */
export interface LeadingReference {
  readonly reference: Reference
  readonly namespace: string
  /** The name of that VirtualService. */
  readonly name: string
  /** The hosts that its route is for, expanded. */
  readonly hosts: readonly string[]
}

/**
 * The destinations with a host (expanded) that get requests. Routes that nobody uses or reaches, and destinations
 * without a share, ask nothing of what is behind the host; those of a namespace that nobody uses only where asked
 * for, because the fault itself may be why.
 */
export const leadingReferences = (
  view: ClusterView,
  host: string,
  { complete, unusedIn }: Pick<RuleSettings, 'complete'> & { readonly unusedIn?: string },
): readonly LeadingReference[] =>
  once(view, [leadingReferences, `${complete} ${unusedIn} ${host}`], () => {
    const written = view.find(virtualServicesByDestination, host)
    const judged = new Set(written.flatMap(object => [object, ...rootsOf(view, object)]))
    return [...judged].flatMap(object =>
      evaluate(view, object, { complete })
        .references.filter(
          reference =>
            reference.host === host
            && (reference.idle === undefined
              || (reference.idle === 'unused' && namespaceOf(object) === unusedIn)),
        )
        .map(reference => ({
          reference,
          hosts: hostsOf(view, object),
          namespace: reference.route.delegate?.namespace ?? namespaceOf(object),
          name: reference.route.delegate?.name ?? object.metadata.name,
        })),
    )
  })
