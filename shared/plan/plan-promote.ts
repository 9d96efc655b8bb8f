import { providers as allProviders } from '../providers/providers.ts'
import { type ServiceReading } from '../routing/provider.ts'
import type { ServiceVersion } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import type { RouteChoice } from '../routing/wanted.ts'
import { editOrOffer, leftOutNotes, requireOneCanary } from './find/choose-routes.ts'
import { findService, readFound, type FoundService, type World } from './find/find-service.ts'
import { stableVersions } from './find/find-stable.ts'
import { findVersion, versionsNamed } from './find/find-version.ts'
import { requireOneApplication } from './other-applications.ts'
import { lookingForVersion } from './find/service-as-version.ts'
import { endNotes } from './finish/end-notes.ts'
import { finish } from './finish/finish.ts'
import { purposeOf, type PromoteIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

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
  const purpose = purposeOf(intent, { needs: 'weights', reading, stable: to.name })
  const routes = provider.editable(reading, purpose)
  const withChoice = (choice: RouteChoice) => planPromote(given, { ...intent, choice }, providers)
  const question = { ...intent, service: service.name, routes, named: [to.name], withChoice }
  requireOneCanary(question)
  requireOneApplication(question, { versions, to: [to] })
  const old = stableVersions({ reading, routes, canaries: [to], target })
  const staying = canary.cohorts.filter(cohort => !versionsNamed(versions, cohort.to).includes(to))
  const edit = editOrOffer(question, () =>
    provider.edit(
      reading,
      {
        split: {
          shares: [{ version: to.name, percent: 100 }],
          replaces: [to, ...old].map(({ name }) => name),
        },
        cohorts: staying,
        unmirrored: [to.name],
      },
      purpose,
    ),
  )
  return finish(provider, reading, {
    ...edit,
    title: `promote ${to.name}`,
    load: {
      target,
      shares: [{ version: to, percent: 100 }],
      stable: old.filter(version => version !== to),
      isFinal: true,
      force: intent.force,
    },
    receivers: { ...intent, versions: [to] },
    notes: [
      ...leftOutNotes(routes),
      ...endNotes({ canary, after: staying, routes, unmirrored: [to.name] }),
      ...edit.notes,
    ],
  })
}

/** The service that is meant, and its version that becomes stable. */
const findPromoted = (world: World, { target, version }: PromoteIntent): Promoted =>
  lookingForVersion(world, { target, said: version }, () => {
    const found = findService(world, target, { version, routed: true })
    refuseOwnedService(world.view, found, 'promote')
    const reading = readFound(world, found, target)
    const to = findVersion(reading, version, { target })
    return { found, reading, to }
  })

interface Promoted {
  readonly found: FoundService
  readonly reading: ServiceReading
  readonly to: ServiceVersion
}
