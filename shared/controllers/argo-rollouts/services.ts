import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { DrivenService, PlacedName, RolloutRevision } from '../../routing/controller.ts'
import { rolloutFields, servicesNamed, type RolloutFields } from './rollout.ts'

/** The Services that a Rollout names, the one that gets what is stable first. */
export function servicesOf(rollout: KubeObject): readonly PlacedName[] {
  const { canary, stable, others } = servicesNamed(rolloutFields(rollout))
  return [...stable, ...canary, ...others].map(name => ({ namespace: namespaceOf(rollout), name }))
}

/** The Services of a Rollout, and the revision to which each leads, as far as its ReplicaSets are known. */
export function drivenServices(
  fields: RolloutFields,
  revisions: readonly RolloutRevision[],
): readonly DrivenService[] {
  const { stable, canary } = servicesNamed(fields)
  const isColours = fields.blueGreen !== undefined
  const to = (role: RolloutRevision['role']): string => {
    // Between two rollouts, the Service of the new version leads to the only one that there is.
    const found =
      revisions.find(revision => revision.role === role)
      ?? (fields.isPromoted ? revisions.find(revision => shown.has(revision.role)) : undefined)
    return found?.revision === undefined ? `the ${role} pods` : `the pods of revision ${found.revision}`
  }
  const [first, second] = isColours ? (['active', 'preview'] as const) : (['stable', 'canary'] as const)
  return [
    ...stable.map(name => ({ name, role: first, to: to(first) })),
    ...canary.map(name => ({ name, role: second, to: to(second) })),
  ]
}

const shown: ReadonlySet<RolloutRevision['role']> = new Set(['active', 'stable'])
