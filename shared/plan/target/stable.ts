import { CanaryError } from '../../objects/canary-error.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { ourRoutes } from '../../providers/istio/edit/cohort.ts'
import {
  destinationsTo,
  leadsTo,
  listOf,
  singlesOut,
  type RoutedService,
} from '../../providers/istio/read/routed-service.ts'
import { stableOf } from '../../providers/istio/edit/stable.ts'
import { sharesOf } from '../../routing/shares.ts'
import type { Target } from '../intent.ts'
import { resolveVersion, wantedOf, type ServiceVersion } from './versions.ts'

export interface StableQuestion {
  readonly service: RoutedService
  readonly versions: readonly ServiceVersion[]
  readonly routes: readonly VirtualService[]
  /** The version that a person named with --stable. */
  readonly said?: string | undefined
  /** The versions that the request treats as canaries. */
  readonly canaries: readonly ServiceVersion[]
  readonly target: Target
}

/** Which version is stable: the one said, else the one written down, else the only one that takes traffic now. Throws a CanaryError `usage` when that is open. */
export function stableVersion(question: StableQuestion): ServiceVersion {
  const { service, versions, said } = question
  const takers = said === undefined ? stableVersions(question) : [resolveVersion(versions, said, service)]
  if (takers.length === 1) return takers[0]!
  throw open(question, takers)
}

/** The versions that may be called stable: those written down, else those that take ordinary traffic now. */
export function stableVersions(question: StableQuestion): readonly ServiceVersion[] {
  const { service, versions, routes } = question
  const written = [...new Set(routes.flatMap(route => stableOf(route, service) ?? []))]
  return written.length > 0
    ? [...new Set(written.map(name => resolveVersion(versions, name, service)))]
    : takingTraffic(question)
}

/** The versions that take the service's ordinary traffic now. Where routes name no subset these are all, and of two the one that is not meant as canary is stable. */
function takingTraffic({ service, versions, routes, canaries }: StableQuestion): readonly ServiceVersion[] {
  const subsets = new Set(routes.flatMap(route => subsetsTaking(route, service)))
  const named = versions.filter(({ subset }) => subset !== undefined && subsets.has(subset.name))
  if (!subsets.has(undefined)) return named
  const running = versions.filter(version => version.workloads.length === 0 || wantedOf(version) > 0)
  const others = running.filter(version => !canaries.includes(version))
  return running.length === 2 && others.length === 1 ? others : running
}

/** The subsets to which a VirtualService sends traffic that is not singled out by who asks; where all of it is, all of it counts. */
function subsetsTaking(
  virtualService: VirtualService,
  service: RoutedService,
): readonly (string | undefined)[] {
  const ours = ourRoutes(virtualService)
  const leads = leadsTo(virtualService, service)
  const http = listOf(virtualService.spec.http).filter(({ name }) => name === undefined || !ours.has(name))
  const bases = [...http, ...listOf(virtualService.spec.tcp), ...listOf(virtualService.spec.tls)].filter(
    route => destinationsTo(route, leads).length > 0,
  )
  const open = bases.filter(route => !singlesOut(route))
  return (open.length > 0 ? open : bases).flatMap(route =>
    sharesOf(destinationsTo(route, leads))
      .filter(({ percent }) => percent > 0)
      .map(({ destination }) => destination.subset),
  )
}

function open({ service, target }: StableQuestion, takers: readonly ServiceVersion[]): CanaryError {
  const names = takers.map(({ name }) => name)
  const message =
    names.length === 0
      ? `no version of ${service.name} takes traffic now, so none is stable`
      : `several versions of ${service.name} take traffic now (${names.join(', ')}), so it is open which is stable`
  const hints =
    names.length === 0
      ? ['Say which one is: --stable VERSION']
      : ['Say which one is:', ...names.map(name => `  kubectl canary ${target.command} --stable ${name}`)]
  return new CanaryError('usage', message, { hints })
}
