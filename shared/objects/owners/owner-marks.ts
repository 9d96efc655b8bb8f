import type { KubeObject } from '../kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../unchecked.ts'

/** A tool that applies a whole set of objects, one after the other, and comes back until all are applied. */
export type DeployTool = 'Helm' | 'Argo CD' | 'Flux'

const helmName = 'meta.helm.sh/release-name'
const helmNamespace = 'meta.helm.sh/release-namespace'
const argoTracking = 'argocd.argoproj.io/tracking-id'
const fluxName = 'kustomize.toolkit.fluxcd.io/name'
const fluxNamespace = 'kustomize.toolkit.fluxcd.io/namespace'
// The first is what Argo CD sets unless its `application.instanceLabelKey` says otherwise.
const argoInstances = ['app.kubernetes.io/instance', 'argocd.argoproj.io/instance'] as const

/** The annotations that {@link ownerMarksOf} reads. */
export const ownerAnnotations: ReadonlySet<string> = new Set([helmName, helmNamespace, argoTracking])
/** The labels that {@link ownerMarksOf} reads. */
export const ownerLabels: ReadonlySet<string> = new Set([fluxName, fluxNamespace, ...argoInstances])

/** To which release, application or Kustomization an object belongs. */
export interface OwnerMark {
  readonly tool: DeployTool
  /** Unique among the marks of all tools. */
  readonly id: string
}

/** The marks on an object by which Helm, Argo CD and Flux know what is theirs; most objects have none or one. */
export function ownerMarksOf({ metadata }: KubeObject): readonly OwnerMark[] {
  const [annotations, labels] = [fieldsOf(metadata.annotations), fieldsOf(metadata.labels)]
  return [
    ...markOf('Helm', 'release', [annotations[helmNamespace], annotations[helmName]]),
    ...markOf('Flux', 'kustomization', [labels[fluxNamespace], labels[fluxName]]),
    ...markOf('Argo CD', 'application', [applicationIn(textOf(annotations[argoTracking]))]),
    ...argoInstances.flatMap(key => markOf('Argo CD', key, [labels[key]])),
  ]
}

/** `application:group/Kind:namespace/name`: the rest is the object's own. */
const applicationIn = (trackingId = ''): string => trackingId.split(':', 1)[0]!

/** What {@link ownerMarksOf} needs of an annotation: the part that all objects of one owner have in common. */
export const ownerPartOf = (key: string, value: string): string =>
  key === argoTracking ? applicationIn(value) : value

function markOf(tool: DeployTool, what: string, names: readonly unknown[]): readonly OwnerMark[] {
  const said = names.map(textOf)
  return said.every(name => name !== undefined && name !== '')
    ? [{ tool, id: `${tool} ${what} ${said.join('/')}` }]
    : []
}

const managers: Readonly<Record<string, DeployTool>> = {
  helm: 'Helm',
  'helm-controller': 'Helm',
  'argocd-controller': 'Argo CD',
  'argocd-application-controller': 'Argo CD',
  'kustomize-controller': 'Flux',
}

/** The tool that writes as a field manager; undefined for people and other programs. */
export const toolOfManager = (manager: string): DeployTool | undefined =>
  Object.hasOwn(managers, manager)
    ? managers[manager]
    : // Helm in a library is named after the program that runs it.
      manager.startsWith('terraform-provider-helm')
      ? 'Helm'
      : undefined

/** The tools that have written fields of an object, as its `managedFields` say. */
export const toolsThatWrote = ({ metadata }: KubeObject): ReadonlySet<DeployTool> =>
  new Set(entriesOf(metadata).flatMap(entry => toolOfEntry(entry) ?? []))

/** The tool that writes an object as a field manager, by its name or by what it has written of the object before. */
export const toolWriting = (manager: string, { metadata }: KubeObject): DeployTool | undefined =>
  toolOfManager(manager)
  ?? (manager === ''
    ? undefined
    : entriesOf(metadata)
        .filter(entry => entry['manager'] === manager)
        .map(toolOfEntry)
        .find(tool => tool !== undefined))

/**
 * Who has written an object from one state to the next, as its `managedFields` say: clients that do not name themselves, such
 * as Argo CD where it replaces objects, are named after their program. Empty where that is not known, as within a second.
 */
export function writerBetween(before: KubeObject, after: KubeObject): string {
  const known = new Set(entriesOf(before.metadata).map(keyOfEntry))
  const [entry, ...others] = entriesOf(after.metadata).filter(each => !known.has(keyOfEntry(each)))
  return others.length > 0 ? '' : (textOf(entry?.['manager']) ?? '')
}

const keyOfEntry = ({ manager, operation, subresource, time }: ReturnType<typeof fieldsOf>): string =>
  JSON.stringify([manager, operation, subresource, time])

const entriesOf = (metadata: KubeObject['metadata']): readonly ReturnType<typeof fieldsOf>[] =>
  itemsOf(fieldsOf(metadata)['managedFields']).map(fieldsOf)

/**
 * Programs that have Helm as a library write by names of their own (`fleetagent` of Rancher Fleet): they are known by the
 * mark, which Helm writes with each object. With kubectl a person adopts an object into a release.
 */
function toolOfEntry({ manager, fieldsV1 }: ReturnType<typeof fieldsOf>): DeployTool | undefined {
  const name = textOf(manager) ?? ''
  const annotations = fieldsOf(fieldsOf(fieldsOf(fieldsV1)['f:metadata'])['f:annotations'])
  const isHelm = annotations[`f:${helmName}`] !== undefined && !name.startsWith('kubectl')
  return toolOfManager(name) ?? (isHelm ? 'Helm' : undefined)
}
