import { resources, type Kind } from '../objects/kinds.ts'

/** Which objects, or which one; all namespaces when left out. */
export interface Place {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

/** Where the API server serves a kind in one of its versions. */
export function apiPath(kind: Kind, version: string, { namespace, name }: Place = {}): string {
  const { group, plural, namespaced } = resources[kind]
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const inNamespace =
    namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root}${inNamespace}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`
}

/** The apiVersion of a kind's objects in one of its versions. */
export const apiVersionOf = (kind: Kind, version: string): string =>
  resources[kind].group === '' ? version : `${resources[kind].group}/${version}`

/** The version in an apiVersion: `networking.istio.io/v1beta1` → `v1beta1`. */
export const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

/** A kind as kubectl and RBAC name it: `virtualservices.networking.istio.io`. */
export const resourceName = (kind: Kind): string =>
  resources[kind].group === '' ? resources[kind].plural : `${resources[kind].plural}.${resources[kind].group}`
