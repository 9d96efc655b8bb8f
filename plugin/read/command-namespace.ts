import { CanaryError } from '../../shared/objects/canary-error.ts'
import { namespaceOf } from '../../shared/objects/kube-object.ts'
import { firstLines, listed } from '../../shared/plan/find/first-ten.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import { namespaceNamed } from '../words/names.ts'

/**
 * The namespace of a command: the one typed, the one of the context, or on files the only one of their
 * objects. Throws `ambiguous` where files have several and none is chosen.
 */
export function commandNamespace(
  store: Store,
  { view, live }: Reading,
  { namespace, command }: { readonly namespace?: string | undefined; readonly command: string },
): string {
  if (live || namespace !== undefined) return store.namespace
  const found = namespacesIn(view)
  if (found.length === 0 || (found.length > 1 && found.includes(store.namespace))) return store.namespace
  if (found.length === 1) return found[0]!
  throw new CanaryError('ambiguous', `the files have objects of several namespaces: ${listed(found)}`, {
    hints: ['Choose one:', ...firstLines(found.map(name => `  kubectl canary ${command} -n ${name}`))],
  })
}

/** The namespaces of the objects in files: of the Services, else of the ServiceEntries and routes. */
function namespacesIn(view: ClusterView): readonly string[] {
  const services = view.list('Service')
  const objects =
    services.length > 0
      ? services
      : [...view.list('ServiceEntry'), ...view.list('VirtualService'), ...view.list('DestinationRule')]
  return [...new Set(objects.map(namespaceOf))].toSorted()
}

/** The namespace in `catalog.shop` and `catalog.shop.svc.cluster.local`; other names with dots are hosts. */
export const namespaceIn = namespaceNamed
