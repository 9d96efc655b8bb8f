import { refOf } from '../../../objects/kinds.ts'
import type { Change } from '../../../view/change.ts'
import type { RetiredVersions, ServiceReading } from '../../../routing/provider.ts'
import { idOf } from '../../../routing/service.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { readService } from '../read/reading.ts'
import { routesAbout } from '../read/services/service-hosts.ts'
import { isOurService } from './version-services.ts'

/** Deletes the Services that were made for versions and that no route names; the others are told. */
export function retire(
  { view, service, complete }: ServiceReading,
  names: readonly string[],
): RetiredVersions {
  const { versions, service: found } = readService(view, service, { complete })
  const retiring = versions.flatMap(({ name, host }) => {
    const object = names.includes(name) && host !== undefined ? serviceOf(view, host) : undefined
    return object === undefined || !isOurService(object, idOf(found)) ? [] : [{ name, host: host!, object }]
  })
  const named = retiring
    .map(({ name, host }) => ({ version: name, routes: routesAbout(view, host).map(refOf) }))
    .filter(({ routes }) => routes.length > 0)
  const changes = retiring
    .filter(({ name }) => !named.some(({ version }) => version === name))
    .map(({ object }): Change => ({ before: object }))
  return { changes, named }
}
