import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/evaluate.ts'
import { exportAnnotation, type HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import { scopeOf } from '../../providers/istio/resolve/mesh/sidecars.ts'
import { reachOf } from '../../providers/istio/resolve/visibility.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Violation } from '../rule.ts'
import { exportedTo } from './exported-to.ts'

/**
 * How a host comes to be imported by the Sidecars of clients to which it is exported already; undefined where some of the
 * clients have no Sidecar that hides it.
 */
export function importingProvider(
  view: ClusterView,
  provider: HostProvider,
  { host, failing }: { readonly host: string; readonly failing: readonly DestinationOutcome[] },
): string | undefined {
  const isExported = failing.every(
    ({ client }) =>
      !client.isGateway
      && reachOf(provider, client.namespace, view.mesh.defaultExportTo.service) !== undefined,
  )
  if (!isExported) return undefined
  const imported = `${provider.namespace}/${host}`
  // A listener of one port imports what has that port.
  const isForOthers = failing.every(({ client }) =>
    scopeOf(view, client).listeners.every(
      ({ port }) => port !== undefined && !provider.ports.some(each => each.port === port),
    ),
  )
  return isForOthers
    ? `Add to the end of spec.egress of the Sidecar that these clients have: {"hosts":["${imported}"]}`
    : `Add ${imported} to spec.egress[].hosts of the Sidecar that these clients have.`
}

/** How a host that something provides becomes visible to the clients that do not see it, besides those that do. */
export function exportingProvider(
  { ref, exportTo }: Pick<HostProvider, 'ref' | 'exportTo'>,
  failing: readonly DestinationOutcome[],
): Pick<Violation, 'fix' | 'sets'> {
  const names = exportedTo(exportTo, failing)
  if (ref.kind === 'Service') {
    const value = names.join()
    return {
      fix: patchCommand(ref, 'merge', { metadata: { annotations: { [exportAnnotation]: value } } }),
      sets: { ref, path: ['metadata', 'annotations', exportAnnotation], value },
    }
  }
  return {
    fix: patchCommand(ref, 'merge', { spec: { exportTo: names } }),
    sets: { ref, path: ['spec', 'exportTo'], value: names },
  }
}
