import { CanaryError } from '../../objects/canary-error.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { baseRoutesOf, type BaseRoute } from '../../providers/istio/read/routes/base-routes.ts'
import type { Carrier } from '../../providers/istio/read/routes/carriers.ts'
import type { ServiceReading } from '../../providers/istio/read/reading.ts'
import { destinationsTo, leadsTo, singlesOut } from '../../providers/istio/read/routed-service.ts'
import { stableOf } from '../../providers/istio/read/record/stable.ts'
import { wantedOf, type ServiceVersion } from '../../providers/istio/read/versions.ts'
import { sharesOf } from '../../routing/shares.ts'
import type { Target } from '../intent.ts'
import { resolveVersion } from './versions.ts'

export interface StableQuestion {
  readonly reading: ServiceReading
  /** The VirtualServices that are edited. */
  readonly routes: readonly VirtualService[]
  /** The version that a person named with --stable. */
  readonly said?: string | undefined
  /** The versions that the request treats as canaries. */
  readonly canaries: readonly ServiceVersion[]
  readonly target: Target
}

/**
 * Which version is stable: the one said, else the one written down, else the only one that takes traffic now.
 * Throws a CanaryError `usage` where these do not tell one.
 */
export function stableVersion(question: StableQuestion): ServiceVersion {
  const {
    reading: { service, versions },
    said,
  } = question
  const takers = said === undefined ? stableVersions(question) : [resolveVersion(versions, said, service)]
  if (takers.length === 1) return takers[0]!
  throw undecided(question, takers)
}

/** The versions that may be called stable: those written down, else those that take ordinary traffic now. */
export function stableVersions(question: StableQuestion): readonly ServiceVersion[] {
  const {
    reading: { service, versions },
    routes,
  } = question
  const written = [...new Set(routes.flatMap(route => stableOf(route, service) ?? []))]
  return written.length > 0
    ? [...new Set(written.map(name => resolveVersion(versions, name, service)))]
    : takingTraffic(question)
}

/**
 * The versions that take the service's ordinary traffic now. Where routes name no subset these are all, and
 * of two the one that is not meant as canary is stable.
 */
function takingTraffic({ reading, routes, canaries }: StableQuestion): readonly ServiceVersion[] {
  const { carriers, versions } = reading
  const edited = carriers.filter(({ object }) => routes.includes(object))
  const subsets = new Set(edited.flatMap(carrier => subsetsTaking(reading, carrier)))
  const named = versions.filter(({ subset }) => subset !== undefined && subsets.has(subset.name))
  if (!subsets.has(undefined)) return named
  const running = versions.filter(version => version.workloads.length === 0 || wantedOf(version) > 0)
  const others = running.filter(version => !canaries.includes(version))
  return running.length === 2 && others.length === 1 ? others : running
}

/**
 * The subsets to which a VirtualService sends traffic that is not singled out by who asks; where all of it
 * is, all of it counts. A route that no request reaches sends none.
 */
function subsetsTaking({ view, service }: ServiceReading, carrier: Carrier): readonly (string | undefined)[] {
  const leads = leadsTo(carrier.object, service)
  const all = baseRoutesOf(view, carrier, service)
  const isInForce = carrier.entries.some(({ evaluation }) => evaluation.applications.length > 0)
  const bases = isInForce ? all.filter(({ isReached }) => isReached) : all
  const ordinary = bases.filter(({ raw }) => !singlesOut(raw))
  const subsetsOf = ({ raw }: BaseRoute): readonly (string | undefined)[] =>
    sharesOf(destinationsTo(raw, leads))
      .filter(({ percent }) => percent > 0)
      .map(({ destination }) => destination.subset)
  return (ordinary.length > 0 ? ordinary : bases).flatMap(subsetsOf)
}

function undecided(
  { reading: { service }, target }: StableQuestion,
  takers: readonly ServiceVersion[],
): CanaryError {
  const names = takers.map(({ name }) => name)
  if (names.length === 0) {
    return new CanaryError('usage', `no version of ${service.name} takes traffic now, so none is stable`, {
      hints: ['Say which one is: --stable VERSION'],
    })
  }
  return new CanaryError(
    'usage',
    `several versions of ${service.name} take traffic now (${names.join(', ')}), so it cannot be told which is stable`,
    {
      hints: [
        'Say which one is:',
        ...names.map(name => `  kubectl canary ${target.command} --stable ${name}`),
      ],
    },
  )
}
