import { refOf } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { pointerTo, type Path } from '../../objects/paths.ts'
import { patchCommand, shellWord } from '../../objects/text/kubectl-commands.ts'
import type { ReadinessFix } from '../check.ts'

/** Sets labels in the pod template of a workload, which restarts its pods. */
export function labelTemplate(object: KubeObject, labels: Readonly<Record<string, string>>): ReadinessFix {
  const ref = refOf(object)
  return {
    commands: [patchCommand(ref, 'merge', { spec: { template: { metadata: { labels } } } })],
    sets: Object.entries(labels).map(([key, value]) => ({
      ref,
      path: ['spec', 'template', 'metadata', 'labels', key],
      value,
    })),
  }
}

/** Sets one field of an object, where its parents exist; `op` is that of a JSON patch. */
export function setField(object: KubeObject, path: Path, value: unknown): ReadinessFix {
  const ref = refOf(object)
  return {
    commands: [patchCommand(ref, 'json', [{ op: 'add', path: pointerTo(path), value }])],
    sets: [{ ref, path, value }],
  }
}

/** Removes one field of an object. */
export function removeField(object: KubeObject, path: Path): ReadinessFix {
  const ref = refOf(object)
  return {
    commands: [patchCommand(ref, 'json', [{ op: 'remove', path: pointerTo(path) }])],
    sets: [{ ref, path, value: undefined }],
  }
}

/** `kubectl label`, or `annotate`, of an object that is there. */
export function markCommand(
  verb: 'label' | 'annotate',
  object: { readonly kind: string; readonly name: string; readonly namespace?: string },
  pairs: Readonly<Record<string, string>>,
): string {
  const where = object.namespace === undefined ? '' : ` -n ${shellWord(object.namespace)}`
  const marks = Object.entries(pairs).map(([key, value]) => shellWord(`${key}=${value}`))
  return `kubectl ${verb} ${object.kind.toLowerCase()} ${shellWord(object.name)}${where} ${marks.join(' ')} --overwrite`
}

/** The kinds whose pods `kubectl rollout restart` recreates. */
const restartable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/** Recreates the pods of workloads, because admission of pods happens only then. */
export const restartCommands = (objects: readonly KubeObject[]): readonly string[] =>
  objects
    .filter(({ kind, apiVersion }) => restartable.has(kind) && apiVersion.startsWith('apps/'))
    .map(
      object =>
        `kubectl rollout restart ${object.kind.toLowerCase()} ${shellWord(object.metadata.name)} -n ${shellWord(namespaceOf(object))}`,
    )
