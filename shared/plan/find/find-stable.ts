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
