import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { readServices } from '../../../shared/plan/read-services.ts'
import type { RoutingReader } from '../../../shared/routing/provider.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { isSelected } from '../../read/read-shown-services.ts'
import type { LabelTest } from '../../words/selector.ts'

/** The objects that are judged with `-l`: the Services that are selected, and what their traffic rests on. */
export class Selection {
  readonly #selects: LabelTest | undefined
  readonly #providers: readonly RoutingReader[] | undefined
  #found = false

  constructor(selects: LabelTest | undefined, providers: readonly RoutingReader[] | undefined) {
    this.#selects = selects
    this.#providers = providers
  }

  /** Whether an object of a view is meant; all are without `-l`. */
  in(view: ClusterView): (ref: Ref) => boolean {
    const selects = this.#selects
    if (selects === undefined) return () => true
    const routed = readServices(view, { namespace: '*' }, this.#providers).filter(isSelected(selects))
    const services = view.list('Service').filter(({ metadata }) => selects(metadata.labels ?? {}))
    const keys = new Set([...services.map(refOf), ...routed.flatMap(({ subjects }) => subjects)].map(keyOf))
    this.#found ||= keys.size > 0
    return ref => keys.has(keyOf(ref))
  }

  /** What to tell where no view had a Service that is selected. */
  get notes(): readonly string[] {
    return this.#selects === undefined || this.#found
      ? []
      : ['No Service has the labels of --selector: nothing is reported.']
  }
}
