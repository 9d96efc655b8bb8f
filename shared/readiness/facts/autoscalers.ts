import type { HorizontalPodAutoscaler } from '../../objects/autoscaling.ts'
import { fieldsOf } from '../../objects/unchecked.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'

/** The autoscaler of a workload; undefined where it has none. */
export const autoscalerOf = (
  view: ClusterView,
  namespace: string,
  { kind, name }: { readonly kind: string; readonly name: string },
): HorizontalPodAutoscaler | undefined => byTarget(view, namespace).get(`${kind} ${name}`)

const byTarget = (view: ClusterView, namespace: string): ReadonlyMap<string, HorizontalPodAutoscaler> =>
  once(
    view,
    [byTarget, namespace],
    () =>
      new Map(
        view.list('HorizontalPodAutoscaler', namespace).map(object => {
          const { kind, name } = fieldsOf(fieldsOf(object.spec)['scaleTargetRef'])
          return [`${String(kind)} ${String(name)}`, object]
        }),
      ),
  )
