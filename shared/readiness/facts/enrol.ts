import type { Labels } from '../../objects/kube-object.ts'
import { labelsOf } from '../../objects/unchecked.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'

const injection = 'istio-injection'
const revision = 'istio.io/rev'
const dataplaneMode = 'istio.io/dataplane-mode'

/** The label that brings a namespace into the mesh or keeps it out; undefined where none says anything. */
export function enrolment(labels: Labels): string | undefined {
  const key = [injection, revision, dataplaneMode].find(each => labels[each] !== undefined)
  return key === undefined ? undefined : `${key}=${labels[key]}`
}

/**
 * The labels that bring a namespace into the mesh as others are, and those that keep it out: a label
 * istio-injection hides a revision, such as the managed ones of Cloud Service Mesh (asm-managed).
 */
export function enrolLabels(
  view: ClusterView,
  own: Labels,
): { readonly add: Labels; readonly remove: readonly string[] } {
  if (own[injection] !== undefined && own[revision] !== undefined) return { add: {}, remove: [injection] }
  if (own[injection] !== undefined) {
    const [key, value] = customary(view)
    return key === injection
      ? { add: { [injection]: 'enabled' }, remove: [] }
      : { add: { [key]: value }, remove: [injection] }
  }
  const [key, value] = customary(view)
  return { add: { [key]: value }, remove: [] }
}

/** The label by which most namespaces in view are in the mesh; Istio's default where none is. */
const customary = (view: ClusterView): readonly [string, string] =>
  once(view, [customary, ''], () => {
    const counts = new Map<string, number>()
    for (const { metadata } of view.list('Namespace')) {
      const labels = labelsOf(metadata.labels)
      const said =
        labels[injection] === 'enabled'
          ? `${injection}=enabled`
          : labels[injection] !== undefined
            ? undefined
            : labels[revision] !== undefined
              ? `${revision}=${labels[revision]}`
              : labels[dataplaneMode] === 'ambient'
                ? `${dataplaneMode}=ambient`
                : undefined
      if (said !== undefined) counts.set(said, (counts.get(said) ?? 0) + 1)
    }
    const [most = `${injection}=enabled`] = [...counts].toSorted((a, b) => b[1] - a[1]).map(([said]) => said)
    const at = most.indexOf('=')
    return [most.slice(0, at), most.slice(at + 1)]
  })
