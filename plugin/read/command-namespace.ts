import { CanaryError } from '../../shared/objects/canary-error.ts'
import { namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { everyControlled } from '../../shared/plan/controllers/controlled.ts'
import { firstLines, listed } from '../../shared/plan/find/first-ten.ts'
import { readers } from '../../shared/providers/readers.ts'
import type { RoutingReader } from '../../shared/routing/provider.ts'
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
  { namespace, command, providers }: NamespaceWords,
): string {
  if (live || namespace !== undefined) return store.namespace
  const found = namespacesIn(view, providers)
  if (found.length === 0 || (found.length > 1 && found.includes(store.namespace))) return store.namespace
  if (found.length === 1) return found[0]!
  throw new CanaryError('ambiguous', `the files have objects of several namespaces: ${listed(found)}`, {
    hints: ['Choose one:', ...firstLines(found.map(name => `  kubectl canary ${command} -n ${name}`))],
  })
}

/** What was typed of a namespace, and who knows which objects are about one. */
export interface NamespaceWords {
  readonly namespace?: string | undefined
  readonly command: string
  /** The routing APIs; all that there are when left out. */
  readonly providers?: readonly RoutingReader[] | undefined
}

/** The namespaces of the objects in files: of the Services, else of what routes requests or makes the Services. */
function namespacesIn(view: ClusterView, providers: readonly RoutingReader[] = readers): readonly string[] {
  const services: readonly KubeObject[] = view.list('Service')
  const objects =
    services.length > 0
      ? services
      : [
          ...providers.flatMap(({ routes }) =>
            routes.flatMap((kind): readonly KubeObject[] => view.list(kind)),
          ),
          ...everyControlled(view).map(({ object }) => object),
        ]
  return [...new Set(objects.map(namespaceOf))].toSorted()
}

/** The namespace in `catalog.shop` and `catalog.shop.svc.cluster.local`; other names with dots are hosts. */
export const namespaceIn = namespaceNamed
