import { refOf } from '../../../shared/objects/kinds.ts'
import type { Ref } from '../../../shared/objects/kube-object.ts'
import { beingDeletedByNamespace } from '../../../shared/rules/affected/being-deleted.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { Admitted } from './recent-changes.ts'

/**
 * The deletions in the namespace of an object that have begun and are not finished: no review follows when they are, so
 * nothing new may rest on these objects.
 */
export const begunDeletions = (view: ClusterView, { namespace }: Ref): readonly Admitted[] =>
  beingDeletedByNamespace
    .flatMap(index => view.find(index, namespace))
    .map(object => ({ change: { before: object }, ref: refOf(object), isBegun: true }))
