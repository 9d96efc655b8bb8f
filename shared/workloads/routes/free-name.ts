import type { Ref } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** A name for a new object that no object of its kind has: `catalog`, `catalog-canary`, `catalog-2` and so on. */
export function freeName(view: ClusterView, { kind, namespace, name }: Ref): string {
  const isFree = (free: string): boolean => view.get({ kind, namespace, name: free }) === undefined
  const first = [name, `${name}-canary`].find(isFree)
  if (first !== undefined) return first
  for (let i = 2; ; i++) if (isFree(`${name}-${i}`)) return `${name}-${i}`
}
