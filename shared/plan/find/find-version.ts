import { CanaryError } from '../../objects/canary-error.ts'
import { versionSaid } from '../../objects/labels.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import type { ServiceVersion } from '../../routing/service.ts'
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

/**
 * The one version that is meant. Throws a CanaryError `not-found` or `ambiguous` that lists what there is.
 */
export function findVersion(
  reading: UnlabelledService & Pick<ServiceReading, 'versions' | 'traffic' | 'noVersions'>,
  said: string,
  { isStable = false }: { readonly isStable?: boolean } = {},
): ServiceVersion {
  const { versions, service } = reading
  const found = versionsNamed(versions, said)
  if (found.length === 1) return found[0]!
  const where = `${service.name} in namespace ${service.namespace}`
  if (found.length > 1) {
    throw new CanaryError(
      'ambiguous',
      `version ${said} of ${where} fits several: ${found.map(({ subset, name }) => subset?.name ?? name).join(', ')}`,
      { hints: ['Name one of them instead of the version.'] },
    )
  }
  if (reading.noVersions !== undefined) throw reading.noVersions
  const names = versions.map(({ name }) => name)
  const hints =
    names.length === 0
      ? unlabelledHints(reading, said, isStable)
      : [`It has ${names.join(', ')}.${suggest(said, names)}`, ...newVersionHints(reading, said)]
  throw new CanaryError('not-found', `no version ${said} of ${where}`, { hints })
}
