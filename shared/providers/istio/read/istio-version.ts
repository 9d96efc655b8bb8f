import { anyOf } from '../../../routing/traffic.ts'
import type { Labels } from '../../../objects/kube-object.ts'
import type { ServiceVersion } from '../../../routing/service.ts'
import type { Client } from '../resolve/clients.ts'
import { isSameTarget, type VersionTarget } from './version-target.ts'
import type { ServiceWorkload } from '../../../workloads/service-workloads.ts'

/** A subset as one of the DestinationRules that callers apply defines it. */
export interface DefinedSubset {
  readonly name: string
  readonly labels: Labels
}

/** One version of a Service: what people call it, the subset for it if there is one, and its workloads. */
export interface IstioVersion extends ServiceVersion {
  readonly subset?: DefinedSubset
  /** The labels by which a subset would select it, where it has none yet. */
  readonly labels?: Labels
  /** The full host of the Service that is the version; left out for one of the service's own host. */
  readonly host?: string
  readonly workloads: readonly ServiceWorkload[]
  /**
   * Callers of the Service's routes who apply no DestinationRule that defines the subset: for them it is no
   * version.
   */
  readonly unseenBy: readonly Client[]
}

/** What stands for a version in a route; undefined for one that has no subset yet. */
export const targetOf = ({ host, subset, service }: IstioVersion): VersionTarget | undefined =>
  service === undefined && subset === undefined
    ? undefined
    : { ...(host !== undefined && { host }), ...(subset !== undefined && { subset: subset.name }) }

/** The version that a destination leads to; undefined where it leads to any of them, or to one that is not known. */
export const versionAt = (
  versions: readonly IstioVersion[],
  target: VersionTarget,
): IstioVersion | undefined =>
  versions.find(version => {
    const own = targetOf(version)
    return own !== undefined && isSameTarget(own, target)
  })

/** What people call the version that a destination leads to; for the whole host, any of the versions. */
export function versionNamed(target: VersionTarget, versions: readonly IstioVersion[]): string {
  const found = versionAt(versions, target)
  if (found !== undefined) return found.name
  if (target.subset !== undefined) return target.subset
  return versions.length > 1 ? anyOf(versions) : (versions[0]?.name ?? 'any version')
}
