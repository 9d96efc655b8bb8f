import { refOf } from '../../../../objects/kinds.ts'
import type { KubeObject } from '../../../../objects/kube-object.ts'
import { formatPath } from '../../../../objects/paths.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ServiceReading } from '../../../../routing/provider.ts'
import type { DestinationSettings } from '../../../../routing/notes/settings.ts'
import { readService } from '../reading.ts'
import { headersBeside, stickyIn } from '../record/sticky.ts'
import { leadsTo, listOf } from '../routed-service.ts'
import { targetIn } from '../version-target.ts'
import { versionAt } from '../versions.ts'

/** The headers of the destinations of a VirtualService that lead to versions of a service, without the cookie of a sticky split. */
export function settingsOf(reading: ServiceReading, object: KubeObject): readonly DestinationSettings[] {
  if (object.kind !== 'VirtualService') return []
  const virtualService = object as VirtualService
  const { service, versions } = readService(reading.view, reading.service, reading)
  const [leads, target] = [leadsTo(virtualService, service), targetIn(virtualService, service)]
  const cookie = stickyIn(virtualService, service)?.cookie
  return listOf(virtualService.spec.http).flatMap((route, i) =>
    listOf(route.route).flatMap((each, j): readonly DestinationSettings[] => {
      const headers = headersBeside(each, cookie)
      if (!leads(each.destination) || Object.keys(headers).length === 0) return []
      const version = versionAt(versions, target(each.destination))?.name
      const place = formatPath(['spec', 'http', i, 'route', j])
      return version === undefined
        ? []
        : [{ object: refOf(virtualService), place, version, field: 'headers', settings: headers }]
    }),
  )
}
