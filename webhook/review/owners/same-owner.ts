import { isFields } from '../../../shared/objects/unchecked.ts'
import { controllerOf, keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import type { Kind } from '../../../shared/objects/kinds.ts'
import {
  ownerMarksOf,
  toolsThatWrote,
  toolWriting,
  writerBetween,
} from '../../../shared/objects/owners/owner-marks.ts'
import { valueAt } from '../../../shared/objects/paths.ts'
import { fieldsOf, textOf } from '../../../shared/objects/unchecked.ts'
import type { AskedBy, Finding } from '../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from '../admission-request.ts'
import type { ReviewSettings } from '../settings.ts'

/** A change that Helm, Argo CD, Flux or a controller makes, and to what it belongs. */
export interface OwnedChange {
  readonly change: Change
  /** The ids of the marks that the object has before and after the change. */
  readonly marks: ReadonlySet<string>
}

/**
 * The change of a request, if a deploy tool makes it to an object that is and stays its own, or a controller to one that its
 * custom resource controls. A DELETE does not say which tool makes it: there the tools count that have written the object,
 * whoever deletes it.
 */
export function ownedChange(request: AdmissionRequest, change: Change): OwnedChange | undefined {
  const { before, after } = change
  if (before === undefined) return undefined
  const manager = request.fieldManager || (after === undefined ? '' : writerBetween(before, after))
  const tool = toolWriting(manager, before)
  const tools = after === undefined ? toolsThatWrote(before) : new Set(tool === undefined ? [] : [tool])
  const kept = after === undefined ? undefined : idsOf(after)
  const ids = [
    ...ownerMarksOf(before).flatMap(mark => (tools.has(mark.tool) ? [mark.id] : [])),
    ...(isByController(request.user, manager) ? controllerMarks(before) : []),
  ].filter(id => kept?.has(id) !== false)
  return ids.length === 0 ? undefined : { change, marks: new Set(ids) }
}

/** Controllers run as service accounts, as scripts do that call kubectl, which says so. */
const isByController = (user: string, manager: string): boolean =>
  user.startsWith('system:serviceaccount:') && !manager.startsWith('kubectl')

/** The custom resource that controls an object: its controller writes the others of it next. */
function controllerMarks(object: KubeObject): readonly string[] {
  const owner = controllerOf(object)
  return owner === undefined
    ? []
    : [`controlled by ${owner.kind} ${textOf(owner.apiVersion)?.split('/', 1)[0]} ${owner.name}`]
}

const idsOf = (object: KubeObject): ReadonlySet<string> =>
  new Set([...ownerMarksOf(object).map(({ id }) => id), ...controllerMarks(object)])

/** What the tool's next writes are judged by. */
interface Context extends Pick<ReviewSettings, 'crossNamespace'> {
  readonly view: ClusterView
}

/**
 * Whether the same tool can be expected to put a finding right with the objects that it applies next: what the
 * change removes or renames breaks an object of the same owner and namespace. Flux and Helm apply DestinationRules
 * before the VirtualServices that no longer need them and stop at the first refusal, so a denial would be for ever; and so
 * does Flagger, which writes the ports of its Services before its routes (Initialize in pkg/router/kubernetes_default.go).
 * What the change itself sets is not meant: nothing that comes next makes that right.
 */
export function isFixedByOwner(finding: Finding, owned: OwnedChange, context: Context): boolean {
  const written = changedRef(owned.change)
  if (finding.ref.namespace !== written.namespace) return false
  if (keyOf(finding.ref) === keyOf(written)) return isRelabelled(finding, owned, context)
  return (
    !isSetByChange(finding, owned, context.view)
    && isOwn(brokenRef(finding, context.view), owned, context.view)
  )
}

const isOwn = (ref: Ref, { marks }: OwnedChange, view: ClusterView): boolean => {
  const object = view.get(ref)
  return object !== undefined && !idsOf(object).isDisjointFrom(marks)
}

/** The object whose route would lead nowhere: the delegate where the finding is on the route that delegates to it. */
function brokenRef({ ref, path }: Finding, view: ClusterView): Ref {
  const object = path.at(-1) === 'delegate' ? view.get(ref) : undefined
  const delegate = object === undefined ? undefined : valueAt(object, path)
  if (!isFields(delegate)) return ref
  const { name, namespace } = delegate
  return {
    kind: 'VirtualService',
    namespace: textOf(namespace) ?? ref.namespace,
    name: textOf(name) ?? '',
  }
}

/** Kinds of workloads that these tools apply after DestinationRules: they order what they do not know by name. */
const laterWorkloads: readonly Kind[] = ['Rollout', 'StatefulSet.apps.kruise.io']

/** Whether the finding is about what the changed object says itself, not about what it no longer says. */
function isSetByChange(finding: Finding, owned: OwnedChange, view: ClusterView): boolean {
  const kind = owned.change.after?.kind
  // The routes of a delegate are judged where they are delegated from; labels behind its own destinations too.
  if (kind === 'VirtualService')
    return finding.ref.kind !== 'VirtualService' || finding.path.includes('delegate')
  return kind === 'DestinationRule' && isAboutLabels(finding) && !hasLaterWorkloads(owned, view)
}

/** The labels that a DestinationRule selects: the workloads that have them were applied before it. */
const isAboutLabels = ({ absent, rule }: Finding): boolean =>
  absent === 'workload' || rule === 'missing-version-label'

const hasLaterWorkloads = ({ change, marks }: OwnedChange, view: ClusterView): boolean =>
  laterWorkloads.some(kind =>
    view.list(kind, changedRef(change).namespace).some(object => !idsOf(object).isDisjointFrom(marks)),
  )

/**
 * Whether a workload has lost a label that only routes and rules of the same owner ask for, and had it before. A new
 * workload never counts, though a release may rename the key and add one at once. It has no before: that it has
 * another key says nothing, because every workload has other labels, and its siblings say nothing either, because one
 * that has just lost the key looks like one that never had it. What this replica has admitted a moment ago would tell,
 * but no other replica knows it, and a release that is tried again after a minute would be refused for ever.
 */
function isRelabelled({ rule, askedBy = [] }: Finding, owned: OwnedChange, context: Context): boolean {
  const { before, after } = owned.change
  if (rule !== 'missing-version-label' || before === undefined || after === undefined) return false
  const had = fieldsOf(valueAt(before, ['spec', 'template', 'metadata', 'labels']))
  const { namespace } = changedRef(owned.change)
  const asking = askedBy.filter(asker => isBinding(asker, namespace, context))
  return (
    asking.some(({ labelKeys = [] }) => labelKeys.some(key => had[key] !== undefined))
    && asking.every(({ writtenIn = [] }) =>
      writtenIn.every(ref => ref.namespace === namespace && isOwn(ref, owned, context.view)),
    )
  )
}

/** What routes of other namespaces ask is no denial anyway. */
const isBinding = ({ route }: AskedBy, namespace: string, { view, crossNamespace }: Context): boolean =>
  route === namespace || route === view.mesh.rootNamespace || crossNamespace.deny.includes(route)
