import { CanaryError } from '../../objects/canary-error.ts'
import type { ServiceReading } from '../../routing/provider.ts'
import type { ServiceVersion } from '../../routing/service.ts'
import { suggest } from './suggest.ts'
import { unlabelledHints, type UnlabelledService } from './unlabelled.ts'

/**
 * What a person means by a version: the subset of that name, else the one whose labels say so, else the
 * workloads' label.
 */
export function versionsNamed(versions: readonly ServiceVersion[], said: string): readonly ServiceVersion[] {
  const byName = versions.filter(({ subset }) => subset?.name === said)
  if (byName.length > 0) return byName
  const byLabel = versions.filter(({ subset }) => subset?.labels['version'] === said)
  return byLabel.length > 0 ? byLabel : versions.filter(({ name }) => name === said)
}

/**
 * The one version that is meant. Throws a CanaryError `not-found` or `ambiguous` that lists what there is.
 */
export function findVersion(
  reading: UnlabelledService & Pick<ServiceReading, 'versions'>,
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
      `version ${said} of ${where} fits several subsets: ${found.map(({ subset }) => subset?.name).join(', ')}`,
      { hints: ['Name the subset instead of the version.'] },
    )
  }
  const names = versions.map(({ name }) => name)
  const hints =
    names.length === 0
      ? unlabelledHints(reading, said, isStable)
      : [
          `It has ${names.join(', ')}.${suggest(said, names)}`,
          `To add ${said}, deploy workloads whose pods are labelled version: ${said} behind the Service.`,
        ]
  throw new CanaryError('not-found', `no version ${said} of ${where}`, { hints })
}
