/**
 * A host as Istio expands it: only a name without a dot gets the namespace of the object that says it. `*`,
 * addresses and everything
 * with a dot stay as they are, so that `reviews.default` never equals the Service (istio/pkg/config/model,
 * ResolveShortnameToFQDN).
 */
export const expandHost = (host: string, namespace: string, clusterDomain: string): string =>
  host === '' || host === '*' || host.includes('.') || host.includes(':')
    ? host
    : serviceHost(host, namespace, clusterDomain)

/** The host that a Kubernetes Service provides. */
export const serviceHost = (name: string, namespace: string, clusterDomain: string): string =>
  `${name}.${namespace}.svc.${clusterDomain}`

/** The Service that a host names under the cluster domain, if it has that form. */
export function serviceOfHost(
  host: string,
  clusterDomain: string,
): { readonly name: string; readonly namespace: string } | undefined {
  const suffix = `.svc.${clusterDomain}`
  if (!host.endsWith(suffix)) return undefined
  const parts = host.slice(0, -suffix.length).split('.')
  return parts.length === 2 && parts[0] !== '' && parts[0] !== '*' && parts[1] !== ''
    ? { name: parts[0]!, namespace: parts[1]! }
    : undefined
}

/** One run of characters, which is the fastest to test. */
const labelForm = /^(?!-)[-a-zA-Z0-9]+(?<!-)$/

/** A DNS label as Istio takes it, also for the name of a subset (RFC 1123, upper case too, at most 63 characters). */
export const isLabel = (text: string): boolean => text.length <= 63 && labelForm.test(text)
