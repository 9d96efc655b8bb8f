import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { controllerOf, keyOf, namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf, labelsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import type { RolloutRevision } from '../../routing/controller.ts'
import { rolloutFields, type RolloutFields } from './rollout.ts'

/** The label by which a Rollout tells its ReplicaSets and pods apart. */
export const hashLabel = 'rollouts-pod-template-hash'
const revisionAnnotation = 'rollout.argoproj.io/revision'

/** The ReplicaSets that a Rollout controls, the newest revision first. */
export const replicaSetsOf = (rollout: KubeObject, parts: readonly KubeObject[]): readonly KubeObject[] =>
  parts
    .filter(part => {
      const owner = controllerOf(part)
      return (
        owner?.kind === 'Rollout'
        && owner.name === rollout.metadata.name
        && namespaceOf(part) === namespaceOf(rollout)
        && (rollout.metadata.uid === undefined || owner.uid === rollout.metadata.uid)
      )
    })
    .toSorted((a, b) => (revisionOf(b) ?? 0) - (revisionOf(a) ?? 0))

/** The revision that the controller has written on a ReplicaSet. */
function revisionOf({ metadata }: KubeObject): number | undefined {
  const text = textOf(fieldsOf(metadata.annotations)[revisionAnnotation])
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** The revisions of a Rollout that still have pods or are in its status, and those that an undo can go back to. */
export function revisionsOf(rollout: KubeObject, parts: readonly KubeObject[]): readonly RolloutRevision[] {
  const fields = rolloutFields(rollout)
  return replicaSetsOf(rollout, parts).map(set => {
    const revision = revisionOf(set)
    const [spec, state] = [fieldsOf(Reflect.get(set, 'spec')), fieldsOf(Reflect.get(set, 'status'))]
    const containers = itemsOf(fieldsOf(fieldsOf(spec['template'])['spec'])['containers'])
    return {
      name: set.metadata.name,
      ...(revision !== undefined && { revision }),
      role: roleOf(fields, labelsOf(set.metadata.labels)[hashLabel]),
      ready: numberOf(state['readyReplicas']) ?? 0,
      wanted: numberOf(spec['replicas']) ?? 1,
      images: containers.flatMap(container => textOf(fieldsOf(container)['image']) ?? []),
    }
  })
}

/** What a ReplicaSet is to a Rollout, by its hash. */
function roleOf(fields: RolloutFields, hash: string | undefined): RolloutRevision['role'] {
  const { status, blueGreen } = fields
  if (hash === undefined) return 'old'
  if (blueGreen !== undefined) {
    if (hash === activeHash(fields)) return 'active'
    return hash === textOf(status['currentPodHash']) ? 'preview' : 'old'
  }
  if (hash === textOf(status['stableRS'])) return 'stable'
  return hash === textOf(status['currentPodHash']) ? 'canary' : 'old'
}

/** The pods to which the active Service of a blue-green Rollout leads; the stable ones where its status does not say. */
export const activeHash = ({ status }: RolloutFields): string | undefined =>
  textOf(fieldsOf(status['blueGreen'])['activeSelector']) ?? textOf(status['stableRS'])

/**
 * The ReplicaSet that an undo goes back to: of the revision named, else of the one before the newest, as
 * `kubectl argo rollouts undo` has it. Throws a CanaryError `not-found` where there is none.
 */
export function setToRestore(
  rollout: KubeObject,
  parts: readonly KubeObject[],
  toRevision: number | undefined,
): { readonly revision: number; readonly template: Readonly<Record<string, unknown>> } {
  const sets = replicaSetsOf(rollout, parts).flatMap(set => {
    const revision = revisionOf(set)
    return revision === undefined ? [] : [{ set, revision }]
  })
  const known = sets.map(({ revision }) => String(revision)).join(', ')
  const found = toRevision === undefined ? sets[1] : sets.find(({ revision }) => revision === toRevision)
  if (found === undefined)
    throw new CanaryError(
      'not-found',
      toRevision === undefined
        ? `${keyOf(refOf(rollout))} has no revision before the newest one`
        : `${keyOf(refOf(rollout))} has no revision ${toRevision}`,
      { hints: [known === '' ? 'It has no ReplicaSet with a revision.' : `It has ${known}.`] },
    )
  const template = fieldsOf(fieldsOf(Reflect.get(found.set, 'spec'))['template'])
  return { revision: found.revision, template: withoutHash(template) }
}

/** A pod template without the label that the controller adds to it. */
function withoutHash(template: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const metadata = fieldsOf(template['metadata'])
  const { [hashLabel]: _, ...labels } = fieldsOf(metadata['labels'])
  return { ...template, metadata: { ...metadata, labels } }
}

/**
 * Whether a template already says all that another one does, as the command line compares them
 * (`equality.Semantic.DeepDerivative`): what the first leaves open counts as equal.
 */
export function isDerived(said: unknown, full: unknown): boolean {
  if (said === undefined || said === null || said === '' || said === 0 || said === false) return true
  if (Array.isArray(said))
    return (
      said.length === 0
      || (Array.isArray(full)
        && full.length === said.length
        && said.every((item, i) => isDerived(item, full[i])))
    )
  if (isFields(said))
    return isFields(full) && Object.entries(said).every(([key, value]) => isDerived(value, full[key]))
  return said === full
}
