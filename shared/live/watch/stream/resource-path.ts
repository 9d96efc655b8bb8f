import { resources, type Kind } from '../../../objects/kinds.ts'

/** Where the API server serves a kind in one of its versions, in all namespaces. */
export function pathOf(kind: Kind, version: string): string {
  const { group, plural } = resources[kind]
  return group === '' ? `/api/${version}/${plural}` : `/apis/${group}/${version}/${plural}`
}

/** The apiVersion of a kind's objects; those in lists of built-in kinds do not carry it themselves. */
export function apiVersionOf(kind: Kind, version: string): string {
  const { group } = resources[kind]
  return group === '' ? version : `${group}/${version}`
}
