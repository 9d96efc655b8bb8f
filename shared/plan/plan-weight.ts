import { CanaryError } from '../objects/canary-error.ts'
import { providers as allProviders } from '../providers/providers.ts'
import { refuseOwned } from '../routing/provider.ts'
import type { RoutedService, ServiceVersion } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import type { RouteChoice } from '../routing/wanted.ts'
import { checkSplit } from './check-split.ts'
import { editOrOffer, leftOutNotes, requireOneCanary } from './find/choose-routes.ts'
import { findService, readFound } from './find/find-service.ts'
import { withForeignHint } from './find/foreign-routes.ts'
import { findStable } from './find/find-stable.ts'
import { findVersion } from './find/find-version.ts'
import { finish } from './finish/finish.ts'
import { purposeOf, type WeightIntent } from './intent.ts'
import type { Plan } from './plan.ts'

interface Weighed {
  readonly version: ServiceVersion
  /** A whole number from 0 to 100. */
  readonly percent: number
}

/**
 * The whole split of the service at every route to it: the versions named get their percent, stable the
 * remainder, others nothing.
 */
export function planWeight(given: ClusterView, intent: WeightIntent, providers = allProviders): Plan {
  const { target } = intent
  const world = { view: inSession(given), providers }
  checkSplit(intent.weights)
  const [first] = intent.weights.keys()
  const found = findService(world, target, {
    ...(first === undefined ? {} : { version: first }),
    routed: true,
  })
  const { provider, service } = found
  for (const owned of provider.owned(world.view, service)) refuseOwned(owned)
  const reading = readFound(world, found, target)
  const named = [...intent.weights].map(([said, percent]) => ({
    version: withForeignHint(reading, () => findVersion(reading, said)),
    percent,
  }))
  const canaries = named.map(({ version }) => version)
  const purpose = purposeOf(intent, { needs: 'weights', reading, canaries })
  const routes = withForeignHint(reading, () => provider.editable(reading, purpose))
  const withChoice = (choice: RouteChoice) => planWeight(given, { ...intent, choice }, providers)
  const meant = [...canaries.map(({ name }) => name), ...(intent.stable === undefined ? [] : [intent.stable])]
  const question = { ...intent, service: service.name, routes, named: meant, withChoice }
  requireOneCanary(question)
  const stable = findStable({ reading, routes, said: intent.stable, canaries, target })
  const split = wholeSplit(named, stable, service)
  const shares = split.map(({ version, percent }) => ({ version: version.name, percent }))
  const edit = editOrOffer(question, () =>
    provider.edit(
      reading,
      { stable: stable.name, split: { shares, replaces: [stable.name] }, cohorts: reading.canary.cohorts },
      purpose,
    ),
  )
  return finish(provider, reading, {
    ...edit,
    notes: [...leftOutNotes(routes), ...edit.notes],
    title: `weight ${shares.map(({ version, percent }) => `${version}=${percent}`).join(',')}`,
    load: { target, shares: split, stable: [stable] },
    receivers: {
      ...intent,
      versions: split
        .filter(({ version, percent }) => percent > 0 && version !== stable)
        .map(({ version }) => version),
    },
  })
}

/** Stable first with what the others leave. Where stable is named too, the weights must be the whole. */
function wholeSplit(
  named: readonly Weighed[],
  stable: ServiceVersion,
  service: RoutedService,
): readonly Weighed[] {
  const others = named.filter(({ version }) => version !== stable)
  const own = named.find(({ version }) => version === stable)
  const twice = named.find(({ version }, i) => named.findIndex(other => other.version === version) !== i)
  if (twice !== undefined)
    throw new CanaryError('usage', `version ${twice.version.name} of ${service.name} is given twice`)
  const sum = others.reduce((total, { percent }) => total + percent, 0)
  if (own !== undefined && own.percent + sum !== 100) {
    throw new CanaryError(
      'usage',
      `the weights add up to ${own.percent + sum}, and with the stable version ${stable.name} named they must add up to 100`,
      { hints: [`Leave ${stable.name} out: it gets the remainder.`] },
    )
  }
  return others.length === 0
    ? [{ version: stable, percent: 100 }]
    : [{ version: stable, percent: 100 - sum }, ...others]
}
