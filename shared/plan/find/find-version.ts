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
    const several = found.map(({ subset, name }) => subset?.name ?? name)
    throw new CanaryError('ambiguous', `version ${said} of ${where} fits several: ${listed(several)}`, {
      hints: choosing(several, said, target?.command),
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

/** The command with each of the versions in place of the one that fits several. */
function choosing(several: readonly string[], said: string, command = ''): readonly string[] {
  const lines = several
    .map(name => withVersion(command, said, name))
    .filter(line => line !== command)
    .map(line => `  kubectl canary ${line}`)
  return lines.length === 0
    ? ['Name one of them instead of the version.']
    : ['Choose one:', ...firstLines(lines)]
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
