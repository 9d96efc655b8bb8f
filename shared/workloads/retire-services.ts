import { refOf } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { RetiredVersions } from '../routing/provider.ts'
import { idOf } from '../routing/service.ts'
import type { Change } from '../view/change.ts'
import { isOurService, type ServiceInVersions } from './ensure-services.ts'
import { serviceOf } from './version-services.ts'

/** The versions that are to go, and the routes that lead to the Service of a host. */
export interface Retiring {
  readonly names: readonly string[]
  readonly routesAbout: (host: string) => readonly KubeObject[]
}

/** Deletes the Services that were made for versions and that no route names; the others are told. */
export function retireServices(
  { view, service, versions }: ServiceInVersions,
  { names, routesAbout }: Retiring,
): RetiredVersions {
  const retiring = versions.flatMap(({ name, host }) => {
    const object = names.includes(name) && host !== undefined ? serviceOf(view, host) : undefined
    return object === undefined || !isOurService(object, idOf(service)) ? [] : [{ name, host: host!, object }]
  })
  const named = retiring
    .map(({ name, host }) => ({ version: name, routes: routesAbout(host).map(refOf) }))
    .filter(({ routes }) => routes.length > 0)
  const changes = retiring
    .filter(({ name }) => !named.some(({ version }) => version === name))
    .map(({ object }): Change => ({ before: object }))
  return { changes, named }
}
