import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { formatPath } from '../../../shared/objects/paths.ts'
import { findingsOf, type Judge } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { FileWorld } from '../../../shared/view/sources.ts'

/** What was found on the objects of a world that no earlier world has. */
export interface JudgedWorld {
  readonly world: FileWorld
  readonly view: ClusterView
  readonly objects: readonly KubeObject[]
  readonly findings: readonly Finding[]
}

/**
 * The findings of all worlds, each with the first world that has its object. A finding counts where it is in
 * every view of every world that has the object: one that is in some of them comes from mixing definitions.
 * With `complete` it must also be there beside everything else that the files define.
 */
export function judgeWorlds(judge: Judge, worlds: readonly FileWorld[]): readonly JudgedWorld[] {
  const standing = new Map<KubeObject, readonly Finding[]>()
  const judgeIn = (world: FileWorld, view: ClusterView): void => {
    const subjects = world.objects.filter(object => standing.get(object)?.length !== 0)
    const found = Map.groupBy(findingsOf(judge, view, subjects.map(refOf)), ({ ref }) => keyOf(ref))
    for (const object of subjects) {
      const now = found.get(keyOf(refOf(object))) ?? []
      const before = standing.get(object)
      standing.set(object, before === undefined ? now : inBoth(before, now))
    }
  }
  const owners = new Map<KubeObject, FileWorld>()
  for (const world of worlds) {
    for (const object of world.objects) if (!owners.has(object)) owners.set(object, world)
    const views = judge.settings.complete && worlds.length > 1 ? [...world.views, world.widest] : world.views
    for (const view of views) {
      judgeIn(world, view())
      if (world.objects.every(object => standing.get(object)?.length === 0)) break
    }
  }
  return worlds.map(world => {
    const objects = world.objects.filter(object => owners.get(object) === world)
    return {
      world,
      view: world.views[0]!(),
      objects,
      findings: objects.flatMap(object => standing.get(object) ?? []),
    }
  })
}

const sameFault = (finding: Finding): string =>
  `${finding.rule} ${identityOf(finding)} ${formatPath(finding.path)}`

/** The earlier findings that were found again. */
function inBoth(before: readonly Finding[], now: readonly Finding[]): readonly Finding[] {
  const again = new Set(now.map(sameFault))
  return before.filter(finding => again.has(sameFault(finding)))
}
