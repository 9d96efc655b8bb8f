import { foreign } from '../../../shared/providers/readers.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'

/** How many objects a sentence names. */
const mostNamed = 5

/** A sentence about the objects of routing APIs that no rule judges; none where there are none. */
export function foreignNotes(view: ClusterView, namespace?: string): readonly string[] {
  const objects = foreign.flatMap(({ reads }) => reads.flatMap(kind => view.list(kind, namespace)))
  if (objects.length === 0) return []
  const names = objects.slice(0, mostNamed).map(object => keyOf(refOf(object)))
  const more = objects.length > mostNamed ? ` and ${objects.length - mostNamed} more` : ''
  return [`Not judged, because no rule reads their kind: ${names.join(', ')}${more}.`]
}
