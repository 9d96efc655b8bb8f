import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { isEqual } from '../../../shared/objects/content/equal.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import { jsonPatch } from '../../../shared/objects/content/json-patch.ts'
import { mergePatch } from '../../../shared/objects/content/merge-patch.ts'
import { resources } from '../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import { quotedWords } from '../../../shared/objects/text/kubectl-commands.ts'
import { fieldsOf, numberOf } from '../../../shared/objects/unchecked.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { Store, WrittenName } from '../../../shared/view/store.ts'

/**
 * An edit as text to commit: `json` (RFC 6902) and `merge` (RFC 7386) have a YAML document for each object, with
 * the kubectl command that applies it; `kustomize` is a part of a kustomization.yaml. A new object is printed
 * whole. Throws a CanaryError `refused` where patches of a kustomization would not make the edit.
 */
export async function formatPatches(
  changes: readonly Change[],
  format: 'json' | 'merge' | 'kustomize',
  store: Pick<Store, 'writtenAs' | 'checkPatches'> = {},
): Promise<string> {
  const { stringify } = await import('yaml')
  const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
  if (format !== 'kustomize') return changes.map(change => documentOf(change, format, yaml)).join('---\n')
  requireSpecs(changes)
  const created = changes.filter(({ before }) => before === undefined)
  const named = changes
    .filter(({ before }) => before !== undefined)
    .map(change => ({ change, written: nameIn(store, changedRef(change)) }))
  const patched = named.flatMap(({ change, written }) => {
    const rest = written.countedIn === undefined ? change : withoutCount(change)
    return rest === undefined ? [] : [{ change: rest, written }]
  })
  const patches = patched.map(({ change, written }) => kustomizePatch(change, written, yaml))
  await store.checkPatches?.(
    patches,
    patched.map(({ change }) => change),
  )
  const text = [...named.flatMap(countLine), ...(patches.length > 0 ? [yaml({ patches })] : [])].join('')
  return [
    ...(text === '' ? [] : [text]),
    ...created.map(
      change =>
        `# A new object: a file for the resources of the kustomization.\n${yaml(contentOf(change.after!))}`,
    ),
  ].join('---\n')
}

/** `replicas` of a kustomization comes after its patches. */
function countLine({ change, written: { name, countedIn } }: NamedChange): readonly string[] {
  const [before, after] = [replicasOf(change.before), replicasOf(change.after)]
  if (countedIn === undefined || after === undefined || before === after) return []
  return [
    `# replicas in ${countedIn} counts the pods of ${changedRef(change).kind} ${name}: set count: ${after} there.\n`,
  ]
}

const nameIn = (store: Pick<Store, 'writtenAs'>, ref: Ref): WrittenName => store.writtenAs?.(ref) ?? ref

interface NamedChange {
  readonly change: Change
  readonly written: WrittenName
}

/** A change without the number of pods; undefined where that is all of it. */
function withoutCount(change: Change): Change | undefined {
  const { before, after } = change
  const [from, to] = [replicasOf(before), replicasOf(after)]
  if (after === undefined || from === to) return change
  const rest = { ...after, spec: { ...fieldsOf(fieldsOf(after)['spec']), replicas: from } } as KubeObject
  return isEqual(before, rest) ? undefined : { ...change, after: rest }
}

const replicasOf = (object: KubeObject | undefined): number | undefined =>
  numberOf(fieldsOf(fieldsOf(object)['spec'])['replicas'])

/** Throws a CanaryError `usage` for an order to a status, which no manifest has. */
function requireSpecs(changes: readonly Change[]): void {
  if (changes.every(({ patch }) => patch?.subresource === undefined)) return
  throw new CanaryError('usage', '--emit-patch kustomize cannot be used here: manifests have no status', {
    hints: ['Use --emit-patch merge, which prints the command for the cluster.'],
  })
}

type Yaml = (value: unknown) => string

function documentOf(change: Change, format: 'json' | 'merge', yaml: Yaml): string {
  const { before, after, patch: exact } = change
  const ref = changedRef(change)
  const { group, plural } = resources[ref.kind]
  const resource = group === '' ? plural : `${plural}.${group}`
  const where = ref.namespace === '' ? [] : ['-n', ref.namespace]
  if (after === undefined)
    return `# ${keyOf(ref)} is removed: ${quotedWords(['kubectl', 'delete', resource, ref.name, ...where])}\n`
  if (before === undefined)
    return `# A new object: kubectl create ${quotedWords(where)} -f FILE\n${yaml(contentOf(after))}`
  const type = exact?.body === undefined ? format : exact.type
  const part = exact?.subresource === undefined ? [] : [`--subresource=${exact.subresource}`]
  const apply = quotedWords(['kubectl', 'patch', resource, ref.name, ...where, ...part, `--type=${type}`])
  const patch = exact?.body ?? (format === 'json' ? operationsOf(before, after) : mergeOf(before, after))
  return `# ${apply} --patch-file FILE\n${yaml(patch)}`
}

const operationsOf = (before: KubeObject, after: KubeObject): object =>
  jsonPatch(contentOf(before), contentOf(after))

/** With its name, so that the same text is a patch of a kustomization, too. */
function mergeOf(before: KubeObject, after: KubeObject): object {
  const { apiVersion, kind } = before
  const { name, namespace } = before.metadata
  const { metadata, ...patch } = mergePatch({ ...contentOf(before) }, { ...contentOf(after) }) ?? {}
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(metadata as object) },
    ...patch,
  }
}

/** Patches come before the names and namespaces that a kustomization gives: their targets are as in its files. */
function kustomizePatch(change: Change, { name, namespace = '' }: WrittenName, yaml: Yaml): object {
  const { kind } = changedRef(change)
  const before = change.before!
  const { group } = resources[kind]
  const target = {
    ...(group === '' ? {} : { group }),
    kind: before.kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
  }
  const named = (object: KubeObject): KubeObject => {
    const { namespace: _, ...metadata } = object.metadata
    return { ...object, metadata: { ...metadata, name, ...(namespace === '' ? {} : { namespace }) } }
  }
  const patch =
    change.after === undefined
      ? { $patch: 'delete', apiVersion: before.apiVersion, kind: before.kind, metadata: { name } }
      : // A patch of operations would fail where the file has no annotations yet.
        mergeOf(named(before), named(change.after))
  return { target, patch: yaml(patch) }
}
