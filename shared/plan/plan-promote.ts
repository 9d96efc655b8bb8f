import { providers as allProviders } from '../providers/providers.ts'
import { refuseOwned, type ServiceReading } from '../routing/provider.ts'
import type { ServiceVersion } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound, type FoundService, type World } from './find/find-service.ts'
import { stableVersions } from './find/find-stable.ts'
import { findVersion, versionsNamed } from './find/find-version.ts'
import { lookingForVersion } from './find/service-as-version.ts'
import { finish } from './finish.ts'
import { initCommand, type PromoteIntent } from './intent.ts'
import type { Plan } from './plan.ts'

/**
 * The version becomes stable and takes everything; cohorts and mirrors that lead to it go, others stay and
 * are named.
 */
export function planPromote(given: ClusterView, intent: PromoteIntent, providers = allProviders): Plan {
  const { target } = intent
  const world = { view: inSession(given), providers }
  const { found, reading, to } = findPromoted(world, intent)
  const { provider, service } = found
  const { versions, canary } = reading
  const purpose = { needs: 'weights', init: initCommand(service, to.name) } as const
  const routes = provider.editable(reading, purpose)
  const old = stableVersions({ reading, routes, canaries: [to], target })
  const staying = canary.cohorts.filter(cohort => !versionsNamed(versions, cohort.to).includes(to))
  const edit = provider.edit(
    reading,
    {
      split: {
        shares: [{ version: to.name, percent: 100 }],
        replaces: [to, ...old].map(({ name }) => name),
      },
      cohorts: staying,
      mirrors: { except: to.name },
    },
    purpose,
  )
  return finish(provider, reading, {
    ...edit,
    title: `promote ${to.name}`,
    receivers: { ...intent, versions: [to] },
    notes: [
      ...staying.map(cohort => ({ kind: 'cohort-stays', cohort: cohort.name, version: cohort.to }) as const),
      ...edit.notes,
    ],
  })
}

/** The service that is meant, and its version that becomes stable. */
const findPromoted = (world: World, { target, version }: PromoteIntent): Promoted =>
  lookingForVersion(world, { target, said: version }, () => {
    const found = findService(world, target, { version, routed: true })
    for (const owned of found.provider.owned(world.view, found.service)) refuseOwned(owned)
    const reading = readFound(world, found, target)
    return { found, reading, to: findVersion(reading.versions, version, found.service) }
  })

interface Promoted {
  readonly found: FoundService
  readonly reading: ServiceReading
  readonly to: ServiceVersion
}
