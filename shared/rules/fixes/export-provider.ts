import type { HostProvider } from '../../providers/istio/resolve/objects/providers.ts'

/** How a host that something provides becomes visible to clients. */
export function exportingProvider({ ref: { kind, namespace, name } }: Pick<HostProvider, 'ref'>): string {
  const field = kind === 'Service' ? 'annotation networking.istio.io/exportTo' : 'spec.exportTo'
  return `Add the namespaces of these clients, or "*", to ${field} of ${kind} ${namespace}/${name}.`
}
