import { anyOtherNamespace } from '../../providers/istio/resolve/clients.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/evaluate.ts'

/**
 * An `exportTo` with the namespaces of some more clients. Of the mesh's default only `*` and `.` have an effect, so
 * that nobody else sees what says nothing itself.
 */
export function exportedTo(
  exportTo: ReadonlySet<string>,
  failing: readonly DestinationOutcome[],
): readonly string[] {
  const namespaces = failing.map(({ client }) => client.namespace)
  if (namespaces.includes(anyOtherNamespace)) return ['*']
  // Istio refuses other names beside *.
  if (exportTo.has('*')) return ['*']
  // With ~ it is exported to nobody.
  const given = [...exportTo].filter(name => name !== '~')
  return [...new Set([...(given.length === 0 ? ['.'] : given), ...namespaces])]
}
