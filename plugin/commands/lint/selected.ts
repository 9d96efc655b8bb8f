import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { readServices } from '../../../shared/plan/read-services.ts'
import type { RoutingReader } from '../../../shared/routing/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { isSelected } from '../../read/read-shown-services.ts'
import type { LabelTest } from '../../words/selector.ts'

/** Which objects are judged with `-l`. */
export interface Selecting {
  readonly selects: LabelTest | undefined
  readonly providers: readonly RoutingReader[] | undefined
}

/** Whether an object belongs to the Services that are selected: it is one, or the traffic of one rests on it. */
export function selectedObjects(view: ClusterView, { selects, providers }: Selecting): (ref: Ref) => boolean {
  if (selects === undefined) return () => true
  const routed = readServices(view, { namespace: '*' }, providers).filter(isSelected(selects))
  const services = view.list('Service').filter(({ metadata }) => selects(metadata.labels ?? {}))
  const keys = new Set([...services.map(refOf), ...routed.flatMap(({ subjects }) => subjects)].map(keyOf))
  return ref => keys.has(keyOf(ref))
}
