import { CanaryError } from '../../objects/canary-error.ts'
import { versionSaid } from '../../objects/labels.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import type { ServiceVersion } from '../../routing/service.ts'
import type { Target } from '../intent.ts'
import { firstLines, listed } from './first-ten.ts'
import { suggest } from './suggest.ts'
import { newVersionHints } from './new-version.ts'
import { unlabelledHints, type UnlabelledService } from './unlabelled.ts'

/**
 * What a person means by a version: the subset of that name, else the one whose labels say so, else the
 * workloads' label, else the Service of that name, or of a name that ends so, that is a version.
 */
export function versionsNamed(versions: readonly ServiceVersion[], said: string): readonly ServiceVersion[] {
  const bySubset = versions.filter(({ subset }) => subset?.name === said)
  if (bySubset.length > 0) return bySubset
  const byLabel = versions.filter(({ subset }) => subset !== undefined && versionSaid(subset.labels) === said)
  if (byLabel.length > 0) return byLabel
  const byName = versions.filter(({ name }) => name === said)
  if (byName.length > 0) return byName
  const byService = versions.filter(({ service }) => isCalled(service, said))
  if (byService.length > 0) return byService
  const byEnd = versions.filter(({ service }) => service?.name.endsWith(`-${said}`) === true)
  return byEnd.length > 0 ? byEnd : versions.filter(({ alsoCalled }) => alsoCalled?.includes(said) === true)
}

/** Whether a Service has this name, or this name and namespace. */
const isCalled = (service: ServiceVersion['service'], said: string): boolean =>
  service !== undefined && [service.name, `${service.name}.${service.namespace}`].includes(said)

/** For what a version is looked up. */
export interface VersionQuestion {
  readonly isStable?: boolean
  /** The command that names it. */
  readonly target?: Pick<Target, 'command'>
}

/**
 * The one version that is meant. Throws a CanaryError `not-found` or `ambiguous` that lists what there is.
 */
export function findVersion(
  reading: UnlabelledService & Pick<ServiceReading, 'versions' | 'traffic' | 'noVersions'>,
  said: string,
  { isStable = false, target }: VersionQuestion = {},
): ServiceVersion {
  const { versions, service } = reading
  const found = versionsNamed(versions, said)
  if (found.length === 1) return found[0]!
  const where = `${service.name} in namespace ${service.namespace}`
  if (found.length > 1) {
    const several = found.map(calledExactly)
    throw new CanaryError('ambiguous', `version ${said} of ${where} fits several: ${listed(several)}`, {
      hints: choosing({ versions, several: found, said }, target?.command),
    })
  }
  if (reading.noVersions !== undefined) throw reading.noVersions
  const names = versions.map(({ name }) => name)
  const hints =
    names.length === 0
      ? unlabelledHints(reading, said, isStable)
      : [`It has ${names.join(', ')}.${suggest(said, names)}`, ...newVersionHints(reading, said)]
  throw new CanaryError('not-found', `no version ${said} of ${where}`, { hints })
}

const calledExactly = ({ subset, name }: ServiceVersion): string => subset?.name ?? name

interface Choice {
  readonly versions: readonly ServiceVersion[]
  /** Those that fit. */
  readonly several: readonly ServiceVersion[]
  readonly said: string
}

/** The command with each of the versions in place of the one that fits several, save where it would name one twice. */
function choosing({ versions, several, said }: Choice, command = ''): readonly string[] {
  const changed = several
    .map(version => ({ version, line: withVersion(command, said, calledExactly(version)) }))
    .filter(({ line }) => line !== command)
  if (changed.length === 0) return ['Name one of them instead of the version.']
  const lines = changed
    .filter(({ version, line }) => !isNamedTwice(line, version, versions))
    .map(({ line }) => `  kubectl canary ${line}`)
  return lines.length === 0
    ? [`The command names each of them already: leave ${said} out.`]
    : ['Choose one:', ...firstLines(lines)]
}

/** Whether a command of shares gives a version two of them, or a share beside its place as the stable version. */
function isNamedTwice(line: string, version: ServiceVersion, versions: readonly ServiceVersion[]): boolean {
  const words = line.split(' ')
  if (words[0] !== 'weight' && words[0] !== 'mirror') return false
  const isIt = (name: string): boolean => {
    const named = versionsNamed(versions, name)
    return named.length === 1 && named[0] === version
  }
  const shares = words
    .filter(word => word.includes('=') && !word.startsWith('-'))
    .flatMap(word => word.split(','))
    .map(share => ({
      name: share.replace(/=.*/, ''),
      percent: Number.parseInt(share.replace(/.*=/, ''), 10),
    }))
  const own = shares.filter(({ name }) => isIt(name))
  if (own.length > 1) return true
  const isStable = words.some((word, i) =>
    word.startsWith('--stable=')
      ? isIt(word.slice('--stable='.length))
      : words[i - 1] === '--stable' && isIt(word),
  )
  // The shares of a split may name stable where they are the whole.
  const isWhole = words[0] === 'weight' && shares.reduce((sum, { percent }) => sum + percent, 0) === 100
  return isStable && own.length === 1 && !isWhole
}

/** A command with another version: as a word, as the value of a flag, or in a list of shares. */
function withVersion(command: string, said: string, version: string): string {
  const inList = (list: string): string =>
    list
      .split(',')
      .map(share => (share.startsWith(`${said}=`) ? `${version}${share.slice(said.length)}` : share))
      .join(',')
  const words = command.split(' ')
  // A word of cohort by itself is a cohort or a Service.
  const isVersion = (i: number): boolean => words[0] !== 'cohort' || words[i - 1]!.startsWith('--')
  return words
    .map((word, i) => {
      if (word === said) return isVersion(i) ? version : word
      return word.startsWith('-') && word.endsWith(`=${said}`)
        ? `${word.slice(0, -said.length)}${version}`
        : inList(word)
    })
    .join(' ')
}
