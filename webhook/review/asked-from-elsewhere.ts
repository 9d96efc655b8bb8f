import { expandHost, serviceOfHost } from '../../shared/objects/hosts.ts'
import { isKind } from '../../shared/objects/kinds.ts'
import { textOf } from '../../shared/objects/unchecked.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { keyOf, namespaceOf } from '../../shared/objects/kube-object.ts'
import type { AskedBy, Finding } from '../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../shared/view/change.ts'
import type { ReviewSettings } from './settings.ts'

/**
 * Whether only routes or rules of other namespaces ask for what the change does not give, or only rules of the
 * clients' namespaces hide what it uses. Such a finding is a warning: otherwise whoever may write routes or rules
 * in one namespace could stop all changes in another one. Namespaces whose routes and rules bind everybody are the
 * mesh's root namespace and those of `crossNamespace.deny`.
 */
export function isAskedFromElsewhere(
  { ref, path, askedBy, causedIn }: Finding,
  change: Change,
  { crossNamespace, mesh }: Pick<ReviewSettings, 'crossNamespace'> & Pick<ClusterView, 'mesh'>,
): boolean {
  const written = changedRef(change)
  const binds = (namespace: string): boolean =>
    namespace === written.namespace
    || namespace === mesh.rootNamespace
    || crossNamespace.deny.includes(namespace)
  if (causedIn?.some(binds) === false) return true
  if (askedBy !== undefined) return !askedBy.some(asker => isBinding(asker, written.kind, binds))
  if (keyOf(ref) === keyOf(written) || binds(ref.namespace)) return false
  // What a written delegate names is judged where it is delegated from.
  const isOfDelegate = written.kind === 'VirtualService' && path.includes('delegate')
  if (isOfDelegate && change.after !== undefined) return false
  return isRouting(ref.kind) && !isRuleForService(change, ref.namespace, mesh.clusterDomain)
}

/** A route names what it uses, whoever defines it; what others write is bound by all who ask it. */
const isBinding = (
  { route, rule = route }: AskedBy,
  kind: string,
  binds: (namespace: string) => boolean,
): boolean => binds(route) && (kind === 'VirtualService' || binds(rule))

/** A DestinationRule for a Service of another namespace names it, and is asked by the routes of its owner. */
function isRuleForService({ before, after }: Change, namespace: string, clusterDomain: string): boolean {
  return [before, after].some(object => {
    if (object === undefined || !isKind('DestinationRule', object)) return false
    const host = expandHost(textOf(object.spec.host) ?? '', namespaceOf(object), clusterDomain)
    return serviceOfHost(host, clusterDomain)?.namespace === namespace
  })
}

/** Whether objects of a kind divide requests or send them somewhere. */
export const isRouting = (kind: string): boolean =>
  ['VirtualService', 'DestinationRule', 'HTTPRoute', 'GRPCRoute'].includes(kind)
