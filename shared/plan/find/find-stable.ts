import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { EditableRoutes, ServiceReading } from '../../routing/provider.ts'
import { readyOf, wantedOf, type ServiceVersion } from '../../routing/service.ts'
import { countedShares, type Share, type Traffic } from '../../routing/traffic.ts'
import { compareNaturally } from '../../objects/text/natural-order.ts'
import type { Target } from '../intent.ts'
import { findVersion, versionsNamed } from './find-version.ts'

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
  const { reading, said, routes, target } = question
  if (said === undefined && routes.stable.length > 0 && knownStable(question).length === 0)
    throw unknownStable(question)
  const takers =
    said === undefined ? stableVersions(question) : [findVersion(reading, said, { isStable: true, target })]
  const [only] = takers
  const doubt = said === undefined && only !== undefined ? doubtOf(question, only) : undefined
  if (takers.length === 1 && doubt === undefined) return only!
  throw undecided(question, doubt === undefined ? takers : running(question), doubt)
}

/**
 * What speaks against taking the version that was not named for the stable one, where requests go to any: it
 * would get everybody.
 */
function doubtOf({ routes, canaries, target }: StableQuestion, other: ServiceVersion): string | undefined {
  if (routes.stable.length > 0 || !routes.takesAny) return undefined
  const more = canaries.find(canary => readyOf(canary) > readyOf(other))
  if (target.live === true)
    return more && `${other.name} has ${readyOf(other)} ready pods, ${more.name} has ${readyOf(more)}`
  const earlier = canaries.find(canary => compareNaturally(canary.name, other.name) < 0)
  return earlier && `${other.name} comes after ${earlier.name}`
}

/** The versions that may be called stable: those recorded, else those that take ordinary traffic now. */
export function stableVersions(question: StableQuestion): readonly ServiceVersion[] {
  const known = knownStable(question)
  return known.length > 0
    ? [...new Set(known.map(name => findVersion(question.reading, name)))]
    : takingTraffic(question)
}

/** The versions recorded as stable that are versions of the service still. */
const knownStable = ({ reading: { versions }, routes }: StableQuestion): readonly string[] =>
  routes.stable.filter(name => versionsNamed(versions, name).length > 0)

function unknownStable({ reading: { service, versions }, routes, target }: StableQuestion): CanaryError {
  const names = versions.map(({ name }) => name)
  return new CanaryError(
    'usage',
    `the annotation kubectl-canary/stable says ${routes.stable.join(', ')}, which is no version of ${service.name}; pass --stable`,
    { hints: ['Choose one:', ...names.map(name => `  kubectl canary ${target.command} --stable ${name}`)] },
  )
}

/**
 * The versions that take the service's ordinary traffic now; of two the one that is not meant as canary, where
 * it has the larger share. Where routes name no version these are all, and of two the one that is not meant as
 * canary is stable.
 */
function takingTraffic(question: StableQuestion): readonly ServiceVersion[] {
  const {
    reading: { versions, traffic },
    routes,
    canaries,
  } = question
  if (!routes.takesAny) {
    const known = versions.filter(({ name }) => routes.taking.includes(name))
    const taking = known.length > 0 ? known : openVersions(versions, traffic)
    const [canary, ...more] = taking.filter(version => canaries.includes(version))
    const other = taking.find(version => !canaries.includes(version))
    const isClear = taking.length === 2 && more.length === 0 && canary !== undefined && other !== undefined
    return isClear && hasLarger(ordinaryShares(traffic, routes), other, canary) ? [other] : taking
  }
  const all = running(question)
  const others = all.filter(version => !canaries.includes(version))
  return all.length === 2 && others.length === 1 ? others : all
}

/** The versions that routes name, where only a file that was not read tells whether they get requests. */
function openVersions(versions: readonly ServiceVersion[], traffic: Traffic): readonly ServiceVersion[] {
  const shares = traffic.entryPoints.flatMap(({ splits }) =>
    splits.flatMap(({ shares: each, reached }) => (reached ? each : [])),
  )
  return versions.filter(({ name }) =>
    shares.some(
      ({ version, percent, unknown }) => version === name && percent > 0 && unknown === 'destination-rule',
    ),
  )
}

/** The shares of each split but those of requests that are singled out by who sends them. */
function ordinaryShares(traffic: Traffic, { routes }: EditableRoutes): readonly (readonly Share[])[] {
  const singled = new Set(
    routes.filter(route => route.singlesOut).map(({ object, takes }) => `${keyOf(object)} ${takes}`),
  )
  return traffic.entryPoints.flatMap(point =>
    countedShares({
      ...point,
      splits: point.splits.filter(({ takes }) => !singled.has(`${keyOf(point.ref)} ${takes}`)),
    }),
  )
}

/** Whether a version has the larger share of two, wherever one of them has a share. */
const hasLarger = (
  splits: readonly (readonly Share[])[],
  larger: ServiceVersion,
  smaller: ServiceVersion,
): boolean =>
  splits.every(shares => {
    const [more, less] = [larger, smaller].map(
      ({ name }) => shares.find(({ version }) => version === name)?.percent ?? 0,
    )
    return more! > less! || (more === 0 && less === 0)
  })

/** The versions that requests for any version can reach. */
const running = ({ reading: { versions } }: StableQuestion): readonly ServiceVersion[] =>
  versions.filter(version => version.workloads.length === 0 || wantedOf(version) > 0)

function undecided(
  { reading: { service, versions }, routes, target }: StableQuestion,
  takers: readonly ServiceVersion[],
  doubt?: string,
): CanaryError {
  const names = takers.map(({ name }) => name)
  const choices = names.length > 0 ? names : versions.map(({ name }) => name)
  const reason = [reasonOf(names, routes), ...(doubt === undefined ? [] : [doubt])].join(', and ')
  return new CanaryError(
    'usage',
    `cannot tell which version of ${service.name} is stable: ${reason}; pass --stable`,
    { hints: ['Choose one:', ...choices.map(name => `  kubectl canary ${target.command} --stable ${name}`)] },
  )
}

function reasonOf(names: readonly string[], { stable }: StableQuestion['routes']): string {
  if (names.length === 0) return 'no version receives traffic'
  const both = names.length === 2 ? 'both ' : ''
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return stable.length > 0 ? `${list} are ${both}recorded as stable` : `${list} ${both}receive traffic`
}
