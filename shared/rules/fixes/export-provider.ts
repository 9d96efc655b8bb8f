import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/evaluate.ts'
import { exportAnnotation, type HostProvider } from '../../providers/istio/resolve/objects/providers.ts'
import type { Violation } from '../rule.ts'
import { exportedTo } from './exported-to.ts'

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
