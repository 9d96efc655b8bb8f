import { resources, type Kind, type Resource } from '../objects/kinds.ts'

/** Which objects, or which one; all namespaces when left out or empty. */
export interface ApiScope {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Where the API server serves a kind in one of its versions. */
export const apiPath = (kind: Kind, version: string, scope: ApiScope = {}): string =>
  resourcePath({ ...resources[kind], version }, scope)

/** Where the API server serves a resource, of whatever kind. */
export function resourcePath(
  {
    group,
    version,
    plural,
    namespaced,
  }: Pick<Resource, 'group' | 'plural' | 'namespaced'> & { readonly version: string },
  { namespace, name }: ApiScope = {},
): string {
  const root = group === '' ? `/api/${version}` : `${groupPath(group)}/${version}`
  const inNamespace =
    namespaced && namespace !== undefined && namespace !== ''
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : ''
  return `${root}${inNamespace}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

/** Where the API server says which versions of a named group it serves. */
export const groupPath = (group: string): string => `/apis/${group}`

/** The apiVersion of a kind's objects in one of its versions; objects in lists do not carry it themselves. */
export const apiVersionOf = (kind: Kind, version: string): string =>
  resources[kind].group === '' ? version : `${resources[kind].group}/${version}`

/** The version in an apiVersion: `networking.istio.io/v1beta1` → `v1beta1`. */
export const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** A kind as kubectl and RBAC name it: `virtualservices.networking.istio.io`. */
export const resourceName = (kind: Kind): string =>
  resources[kind].group === '' ? resources[kind].plural : `${resources[kind].plural}.${resources[kind].group}`
