import { CanaryError } from '../../objects/canary-error.ts'
import type { EditableRoutes, ServiceReading } from '../../routing/provider.ts'
import { wantedOf, type ServiceVersion } from '../../routing/service.ts'
import type { Target } from '../intent.ts'
import { findVersion } from './find-version.ts'

/** What the choice of a stable version rests on. */
export interface StableQuestion {
  readonly reading: ServiceReading
  /** The routes that are edited. */
  readonly routes: EditableRoutes
  /** The version that a person named with --stable. */
  readonly said?: string | undefined
  /** The versions that the request treats as canaries. */
  readonly canaries: readonly ServiceVersion[]
  readonly target: Target
}

/**
 * Which version is stable: the one said, else the one recorded, else the only one that takes traffic now.
 * Throws a CanaryError `usage` where these do not tell one.
 */
export function findStable(question: StableQuestion): ServiceVersion {
  const {
    reading: { service, versions },
    said,
  } = question
  const takers = said === undefined ? stableVersions(question) : [findVersion(versions, said, service)]
  if (takers.length === 1) return takers[0]!
  throw undecided(question, takers)
}

/** The versions that may be called stable: those recorded, else those that take ordinary traffic now. */
export function stableVersions(question: StableQuestion): readonly ServiceVersion[] {
  const {
    reading: { service, versions },
    routes,
  } = question
  return routes.stable.length > 0
    ? [...new Set(routes.stable.map(name => findVersion(versions, name, service)))]
    : takingTraffic(question)
}

/**
 * The versions that take the service's ordinary traffic now. Where routes name no version these are all, and
 * of two the one that is not meant as canary is stable.
 */
function takingTraffic({
  reading: { versions },
  routes,
  canaries,
}: StableQuestion): readonly ServiceVersion[] {
  if (!routes.takesAny) return versions.filter(({ name }) => routes.taking.includes(name))
  const running = versions.filter(version => version.workloads.length === 0 || wantedOf(version) > 0)
  const others = running.filter(version => !canaries.includes(version))
  return running.length === 2 && others.length === 1 ? others : running
}

function undecided(
  { reading: { service }, routes, target }: StableQuestion,
  takers: readonly ServiceVersion[],
): CanaryError {
  const names = takers.map(({ name }) => name)
  const choices = names.length === 0 ? ['VERSION'] : names
  return new CanaryError(
    'usage',
    `cannot tell which version of ${service.name} is stable: ${reasonOf(names, routes)}; pass --stable`,
    { hints: ['Choose one:', ...choices.map(name => `  kubectl canary ${target.command} --stable ${name}`)] },
  )
}

function reasonOf(names: readonly string[], { stable }: StableQuestion['routes']): string {
  if (names.length === 0) return 'no version receives traffic'
  const both = names.length === 2 ? 'both ' : ''
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return stable.length > 0 ? `${list} are ${both}recorded as stable` : `${list} ${both}receive traffic`
}
