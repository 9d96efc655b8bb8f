import { providers as allProviders } from '../providers/providers.ts'
import type { ServiceVersion } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import type { RouteChoice, WantedSplit } from '../routing/wanted.ts'
import { checkSplit } from './split/check-split.ts'
import { stickyNotes, stickyOf } from './split/sticky-split.ts'
import { wholeSplit, type Weighed } from './split/whole-split.ts'
import { editOrOffer, leftOutNotes, requireOneCanary } from './find/choose-routes.ts'
import { findService, readFound, type World } from './find/find-service.ts'
import { findStable } from './find/find-stable.ts'
import { findVersion } from './find/find-version.ts'
import { requireOneApplication } from './other-applications.ts'
import { lookingForVersion } from './find/service-as-version.ts'
import { finish } from './finish/finish.ts'
import { purposeOf, type WeightIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/**
 * The whole split of the service at every route to it: the versions named get their percent, stable the
 * remainder, others nothing.
 */
export function planWeight(given: ClusterView, intent: WeightIntent, providers = allProviders): Plan {
  const { target } = intent
  const world = { view: inSession(given), providers }
  checkSplit(intent.weights)
  const { found, yielded, reading, named } = findWeighed(world, intent)
  const { provider, service } = found
  const canaries = named.map(({ version }) => version)
  const purpose = purposeOf(intent, { needs: 'weights', reading, canaries })
  const routes = provider.editable(reading, purpose)
  const withChoice = (choice: RouteChoice) => planWeight(given, { ...intent, choice }, providers)
  const meant = [...canaries.map(({ name }) => name), ...(intent.stable === undefined ? [] : [intent.stable])]
  const question = { ...intent, service: service.name, routes, named: meant, withChoice }
  requireOneCanary(question)
  requireOneApplication(question, { versions: reading.versions, to: canaries })
  const stable = findStable({ reading, routes, said: intent.stable, canaries, target })
  const split = wholeSplit(named, stable, service)
  const shares = split.map(({ version, percent }) => ({ version: version.name, percent }))
  const { cohorts } = reading.canary
  const sticky = stickyOf(intent, { reading, split, stable })
  const edit = editOrOffer(question, () =>
    provider.edit(
      reading,
      { stable: stable.name, split: { shares, replaces: [stable.name] }, cohorts, sticky },
      purpose,
    ),
  )
  return finish(provider, reading, {
    ...edit,
    notesOfChange: yielded,
    notes: [...leftOutNotes(routes), ...stickyNotes(reading, sticky, provider), ...edit.notes],
    title: titleOf(shares, sticky),
    load: { target, shares: split, stable: [stable] },
    receivers: { ...intent, versions: receiversOf(split, stable) },
  })
}

/** The service that is meant, and its versions that get a share. */
function findWeighed(world: World, { target, weights }: WeightIntent) {
  const [first] = weights.keys()
  return lookingForVersion(world, { target, said: first ?? '' }, () => {
    const found = findService(world, target, {
      ...(first === undefined ? {} : { version: first }),
      routed: true,
    })
    const yielded = refuseOwnedService(world.view, found, 'weight')
    const reading = readFound(world, found, target)
    const named = [...weights].map(([said, percent]) => ({
      version: findVersion(reading, said, { target }),
      percent,
    }))
    return { found, yielded, reading, named }
  })
}

/** `weight v1=90,v2=10, sticky`. */
const titleOf = (shares: WantedSplit['shares'], sticky: object | undefined): string =>
  `weight ${shares.map(({ version, percent }) => `${version}=${percent}`).join(',')}${sticky === undefined ? '' : ', sticky'}`

/** The canaries that get requests by a split. */
const receiversOf = (split: readonly Weighed[], stable: ServiceVersion): readonly ServiceVersion[] =>
  split.filter(({ version, percent }) => percent > 0 && version !== stable).map(({ version }) => version)
