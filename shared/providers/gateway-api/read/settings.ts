import { refOf } from '../../../objects/kinds.ts'
import type { KubeObject } from '../../../objects/kube-object.ts'
import { formatPath } from '../../../objects/paths.ts'
import type { ServiceReading } from '../../../routing/provider.ts'
import type { DestinationSettings } from '../../../routing/notes/settings.ts'
import { filtersOf, isRoute } from '../resolve/routes.ts'
import { readService } from './reading.ts'
import { rulesIn } from './rules/routed-rules.ts'
import { versionOfHost } from './services/versions.ts'

/** The filters of the backends of a route that lead to versions of a service. */
export function settingsOf(reading: ServiceReading, object: KubeObject): readonly DestinationSettings[] {
  if (!isRoute(object)) return []
  const { view, service, versions } = readService(reading.view, reading.service, reading)
  return rulesIn(view, object, service).flatMap(({ index: rule, parts }) =>
    parts.flatMap(({ backend, index, host }): readonly DestinationSettings[] => {
      const [version, settings] = [versionOfHost(versions, host)?.name, filtersOf(backend)]
      if (version === undefined || settings.length === 0) return []
      const place = formatPath(['spec', 'rules', rule, 'backendRefs', index])
      return [{ object: refOf(object), place, version, field: 'filters', settings }]
    }),
  )
}
