import { namespaceOf } from '../../objects/kube-object.ts'
import type { OwnedObject } from '../../routing/provider.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** `catalog`, `catalog.shop`, `svc/catalog` or the whole host. */
export function parseService(
  text: string,
  { namespace, view }: { readonly namespace: string; readonly view: ClusterView },
): RoutedService {
  const { clusterDomain } = view.mesh
  const [name = '', inNamespace = namespace] = bareService(text).split('.')
  return { name, namespace: inNamespace, clusterDomain }
}

/** A Service as it was typed, without its kind and without a dot at its end. */
export const bareService = (text: string): string => text.replace(/^(svc|services?)\//, '').replace(/\.$/, '')

/** A service without what one routing API knows of its versions. */
export const bare = ({ name, namespace, clusterDomain, host }: RoutedService): RoutedService => ({
  name,
  namespace,
  clusterDomain,
  ...(host !== undefined && { host }),
})

/** Whether the host of a service is one of another service that was found. */
export const isVersionOf = (
  found: readonly { readonly service: RoutedService }[],
  { name, namespace }: RoutedService,
): boolean =>
  found.some(
    ({ service }) =>
      (service.name !== name || service.namespace !== namespace)
      && service.hosts?.some(({ host }) => host.startsWith(`${name}.${namespace}.`)) === true,
  )

/** `VirtualService shop/catalog belongs to Canary shop/catalog, which shifts its traffic by itself.` */
export const ownedSentence = ({ object, owner }: OwnedObject): string =>
  `${object.kind} ${namespaceOf(object)}/${object.metadata.name} belongs to ${owner}, which shifts its traffic by itself.`
