import { keyOf } from '../../../shared/objects/kube-object.ts'
import type { Path } from '../../../shared/objects/paths.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { writerAt } from '../../../shared/providers/istio/read/owners.ts'
import { writesAgain } from '../../../shared/rules/fixes/stable-weight.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { changedRef } from '../../../shared/view/change.ts'
import type { Reviewed } from './dependent.ts'

/**
 * The findings about weights of the changed VirtualService, with the controller that writes these weights: a person who
 * corrects them would be overruled. A Rollout of another namespace is not named, as not everybody may read it.
 */
export function withWriters(
  findings: readonly Finding[],
  { change, view, judge }: Reviewed,
): readonly Finding[] {
  const { after } = change
  if (after?.kind !== 'VirtualService' || findings.length === 0) return findings
  const aboutWeights = new Set(judge.rules.flatMap(({ id, isAboutWeights }) => (isAboutWeights ? [id] : [])))
  const written = keyOf(changedRef(change))
  return findings.map(finding => {
    const { rule, ref, path, fix } = finding
    const isMeant = aboutWeights.has(rule) && keyOf(ref) === written
    const owner = isMeant ? ownerBeside(after as VirtualService, path, view) : undefined
    return owner === undefined
      ? finding
      : { ...finding, fix: `${fix.replace(/\.$/, '')}. ${writesAgain(owner)}` }
  })
}

function ownerBeside(object: VirtualService, path: Path, view: Reviewed['view']): string | undefined {
  const owner = writerAt(view, object, path)
  const namespace = /^\S+ ([^/]*)\//.exec(owner ?? '')?.[1]
  return namespace === object.metadata.namespace ? owner : undefined
}
